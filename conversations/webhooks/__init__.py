"""Where providers knock: the address, the jobs that read what was posted, and what each happening becomes."""
