"""Certn (CertnCentric): cases ordered by invitation."""
