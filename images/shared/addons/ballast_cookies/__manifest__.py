{
    "name": "Ballast cookies",
    "summary": "Every cookie is for TLS only, and is not sent by other sites' forms",
    "version": "1.0.0",
    "category": "Hidden",
    "author": "Ballast",
    "license": "LGPL-3",
    "depends": ["base"],
    "installable": True,
    "post_load": "post_load",
}
