"""What changes a project: plans in memory, writes, takes back, and proves that it is done."""
