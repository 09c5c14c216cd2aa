"""Has Odoo make those assets again whose files are gone.

Style sheets and scripts are made once and kept as attachments. Where their files are lost while the database is not, as after a filestore that was made
again, every page would go without them: Odoo answers 500 for each, and makes none again that its table still names.
"""

import logging
import os

import psycopg2
from odoo.sql_db import connection_info_for
from odoo.tools import config

_logger = logging.getLogger(__name__)

FIND = """SELECT id, store_fname FROM public.ir_attachment
    WHERE res_model = 'ir.ui.view' AND COALESCE(res_id, 0) = 0 AND store_fname IS NOT NULL
    AND (url LIKE '/web/assets/%' OR url LIKE '/web/content/%')"""
#: Whoever holds these rows is waited for no longer than this: they are looked at again with the next start.
LIMITS = "SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '10s'"


def forget_missing_assets(database):
    """Takes out of the table of attachments what was generated and is not in the filestore; how many. Never keeps Odoo from starting."""
    try:
        # Of its own, and closed before there are other processes: they would share it.
        connection = psycopg2.connect(**connection_info_for(database)[1])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(LIMITS)
                cursor.execute("SELECT to_regclass('public.ir_attachment') IS NOT NULL")
                if not cursor.fetchone()[0]:
                    return 0
                cursor.execute(FIND)
                folder = config.filestore(database)
                missing = [one for one, name in cursor.fetchall() if not os.path.isfile(os.path.join(folder, name))]
                if missing:
                    cursor.execute("DELETE FROM public.ir_attachment WHERE id = ANY(%s)", [missing])
            if missing:
                _logger.info("%s generated assets had no file any more, and are made again when they are asked for", len(missing))
            return len(missing)
        finally:
            connection.close()
    except Exception as error:
        _logger.warning("whether the files of generated assets are there could not be seen: %s", error)
        return 0
