import { expect, test } from "vitest";
import { ALLOWED, SECURITY_OPTIONS, WATCHING_OPTIONS } from "./seccomp.ts";

interface Profile {
  readonly defaultAction: string;
  readonly architectures?: unknown;
  readonly syscalls: readonly {
    readonly names: readonly string[];
    readonly action: string;
    readonly errnoRet?: number;
    readonly args: readonly { readonly index: number; readonly value: number; readonly op: string }[];
  }[];
}

const profile = JSON.parse((SECURITY_OPTIONS[1] ?? "").replace(/^seccomp=/, "")) as Profile;
const of = (name: string) => profile.syscalls.filter(({ names }) => names.includes(name));

test("what is not named is refused", () => {
  expect([SECURITY_OPTIONS[0], profile.defaultAction]).toEqual(["no-new-privileges", "SCMP_ACT_ERRNO"]);
  expect(new Set(ALLOWED).size).toBe(ALLOWED.length);
});

test("what only an administrator may do, namespaces, keys, tracing and other doors of the kernel are not named", () => {
  const closed =
    `acct add_key adjtimex bpf chroot clock_adjtime clock_settime delete_module fanotify_init finit_module fsconfig fsmount fsopen
    fspick get_mempolicy init_module io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl
    landlock_create_ruleset lookup_dcookie mbind migrate_pages mount mount_setattr move_mount move_pages mq_notify mq_open mq_timedreceive mq_timedsend name_to_handle_at nfsservctl open_by_handle_at
    open_tree perf_event_open pidfd_getfd pivot_root process_madvise process_mrelease process_vm_readv process_vm_writev ptrace quotactl quotactl_fd
    reboot request_key set_mempolicy setdomainname sethostname setns settimeofday stime swapoff swapon sysfs syslog umount umount2 unshare uselib
    userfaultfd ustat vhangup vm86`.split(/\s+/);
  expect(closed.filter((name) => of(name).length > 0)).toEqual([]);
});

test("files are watched only by what must: of the instances that takes all containers together have 128", () => {
  const watching = JSON.parse((WATCHING_OPTIONS[1] ?? "").replace(/^seccomp=/, "")) as Profile;
  const named = ({ syscalls }: Profile) => syscalls.flatMap(({ names }) => names);
  const more = named(watching).filter((name) => !named(profile).includes(name));
  expect(more.toSorted()).toEqual(["inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch"]);
  expect(named(watching).length).toBe(named(profile).length + 4);
});

test("sockets are of the internet, of this machine, or ask the kernel about networks: no other kind, whatever it is", () => {
  for (const name of ["socket", "socketpair"]) {
    expect(of(name).map(({ action, args }) => [action, args.map(({ index, value, op }) => [index, value, op])])).toEqual(
      [1, 2, 10, 16].map((family) => ["SCMP_ACT_ALLOW", [[0, family, "SCMP_CMP_EQ"]]]),
    );
  }
});

test("processes are made without new namespaces, and clone3, which no filter can read, is said not to exist", () => {
  expect(of("clone").map(({ args }) => args)).toEqual([[{ index: 0, value: 0x7e020000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }]]);
  expect(of("clone3").map(({ action, errnoRet }) => [action, errnoRet])).toEqual([["SCMP_ACT_ERRNO", 38]]);
});
