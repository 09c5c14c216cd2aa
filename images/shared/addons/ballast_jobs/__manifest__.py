{
    "name": "Ballast jobs",
    "summary": "Starts the container of queued jobs only where there is a queue, and gives back the jobs of the one before",
    "version": "1.0.0",
    "category": "Hidden",
    "author": "Ballast",
    "license": "LGPL-3",
    "depends": ["base"],
    "installable": True,
    "post_load": "post_load",
}
