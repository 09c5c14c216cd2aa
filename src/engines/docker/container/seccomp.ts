/**
 * What a container of ours may ask of the kernel. A list of what is allowed, so that what nobody thought of is refused: ordinary work on files,
 * memory, processes, time and sockets of the internet and of one machine. What only an administrator may do is not in it, nor are namespaces, keys,
 * other processes' memory and tracing, nor kinds of sockets that leave the machine past its firewall (AF_VSOCK, which leads to the machine's own
 * host) or reach into the kernel (AF_ALG, AF_PACKET and all others). Source: syscalls(2), and the calls that what we run was seen to make.
 */
const FILES = `access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate fchdir fchmod
  fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd
  getdents getdents64 getxattr ioctl lchown lgetxattr link linkat listxattr llistxattr
  lremovexattr lseek lsetxattr lstat mkdir mkdirat mknod mknodat newfstatat open openat openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev
  pwritev2 read readahead readlink readlinkat readv removexattr rename renameat renameat2 rmdir sendfile setxattr splice stat statfs statx symlink
  symlinkat sync sync_file_range syncfs tee truncate umask unlink unlinkat utime utimensat utimes vmsplice write writev`;
/**
 * Of the instances of inotify the kernel gives each user 128, whichever container asks, and all containers of ours run as one user: only what must watch files
 * may have one, else the code of one tenant keeps the ingress from starting.
 */
const WATCHING = "inotify_add_watch inotify_init inotify_init1 inotify_rm_watch";
const WAITING = `epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 poll ppoll pselect6 select signalfd
  signalfd4`;
const MEMORY = `brk madvise mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall munmap memfd_create membarrier rseq
  shmat shmctl shmdt shmget semctl semget semop semtimedop msgctl msgget msgrcv msgsnd pkey_alloc pkey_free pkey_mprotect`;
const PROCESSES = `alarm arch_prctl capget capset execve execveat exit exit_group fork futex futex_waitv get_robust_list get_thread_area getcpu
  getegid geteuid getgid getgroups getitimer getpgid getpgrp getpid getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid
  kill pause pidfd_open pidfd_send_signal prctl prlimit64 restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
  rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
  sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp set_robust_list
  set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit
  setsid setuid sigaltstack sysinfo tgkill time times tkill uname vfork wait4 waitid getrandom`;
const TIME = `clock_getres clock_gettime clock_nanosleep gettimeofday nanosleep timer_create timer_delete timer_getoverrun timer_gettime timer_settime
  timerfd_create timerfd_gettime timerfd_settime`;
const SOCKETS = `accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto setsockopt
  shutdown`;

/** One machine's own, IPv4, IPv6, and the kernel's answers about networks (getifaddrs). */
const FAMILIES = { AF_UNIX: 1, AF_INET: 2, AF_INET6: 10, AF_NETLINK: 16 } as const;
/** CLONE_NEWNS, -CGROUP, -UTS, -IPC, -USER, -PID and -NET, of clone(2). */
const NAMESPACES = 0x7e02_0000;
const ENOSYS = 38;
const PLAIN_PERSONALITIES = [0x0, 0x0002_0000, 0xffff_ffff];

interface Rule {
  readonly names: readonly string[];
  readonly action: "SCMP_ACT_ALLOW" | "SCMP_ACT_ERRNO";
  readonly errnoRet?: number;
  readonly args?: readonly { readonly index: number; readonly value: number; readonly valueTwo?: number; readonly op: string }[];
}

/** The names of all calls that are allowed whatever they are given. */
export const ALLOWED: readonly string[] = [FILES, WAITING, MEMORY, PROCESSES, TIME, SOCKETS]
  .flatMap((text) => text.split(/\s+/))
  .filter(Boolean);

function allow(names: readonly string[], args: Rule["args"] = []): Rule {
  return { names, action: "SCMP_ACT_ALLOW", args };
}

const equals = (value: number) => [{ index: 0, value, op: "SCMP_CMP_EQ" }];

const profileOf = (more: string) => ({
  // Refused with EPERM. No other architecture's calls: they would be numbered otherwise.
  defaultAction: "SCMP_ACT_ERRNO",
  syscalls: [
    allow([...ALLOWED, ...more.split(" ").filter(Boolean)]),
    ...Object.values(FAMILIES).flatMap((family) => [allow(["socket"], equals(family)), allow(["socketpair"], equals(family))]),
    allow(["clone"], [{ index: 0, value: NAMESPACES, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }]),
    // Its arguments lie in memory, where no filter looks: who asks is told that there is none, and takes clone.
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS } satisfies Rule,
    ...PLAIN_PERSONALITIES.map((value) => allow(["personality"], equals(value))),
  ],
});

/** As the Docker Engine takes it. */
export const SECURITY_OPTIONS: readonly string[] = ["no-new-privileges", `seccomp=${JSON.stringify(profileOf(""))}`];
/** The same, for what must watch files. */
export const WATCHING_OPTIONS: readonly string[] = ["no-new-privileges", `seccomp=${JSON.stringify(profileOf(WATCHING))}`];
