{
    "name": "Ballast sessions",
    "summary": "Sessions of several process groups: kept in the tenant's database, cached in its corner of Redis",
    "version": "1.0.0",
    "category": "Hidden",
    "author": "Ballast",
    "license": "LGPL-3",
    "depends": ["base"],
    "installable": True,
    "post_load": "post_load",
}
