"""Crashes, full disks and meddlers at every operation of a run: no file is ever torn or lost."""
