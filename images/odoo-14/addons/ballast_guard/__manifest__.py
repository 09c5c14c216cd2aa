{
    "name": "Ballast guard",
    "summary": "Closes what a managed tenant must not offer: the RPC service 'db', other databases, and tracebacks in error bodies",
    "version": "14.0.1.0.0",
    "category": "Hidden",
    "author": "Ballast",
    "license": "LGPL-3",
    "depends": ["base", "web"],
    "installable": True,
    "post_load": "post_load",
}
