"""Sterling (a First Advantage company): candidates and screenings by invitation."""
