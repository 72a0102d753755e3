"""Access logs: lines to sightings, whatever server wrote them. Pure: nothing here opens a file."""
