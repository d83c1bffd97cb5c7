"""What joins the runtime with the libraries that a service uses; each module needs its library."""

from __future__ import annotations
