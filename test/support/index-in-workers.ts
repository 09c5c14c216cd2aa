/**
 * SQL that makes a table with an index over a function, and rows for a worker of autovacuum to analyse: it alone does what the body says, since it has no name.
 * @param body statements of PL/pgSQL.
 */
export function indexInWorkers(body: string, rows = 10): string {
  return `
    CREATE FUNCTION public.evaluated(i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
      IF coalesce(current_setting('application_name'), '') = '' THEN ${body} END IF;
      RETURN i;
    END $$;
    CREATE TABLE public.analysed (i int) WITH (autovacuum_analyze_threshold = 1, autovacuum_analyze_scale_factor = 0);
    SET application_name = 'own';
    CREATE INDEX ON public.analysed (public.evaluated(i));
    INSERT INTO public.analysed SELECT g FROM generate_series(1, ${rows}) g`;
}
