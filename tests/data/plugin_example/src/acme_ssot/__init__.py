"""What Acme has decided about money, for ssot-migrate."""
