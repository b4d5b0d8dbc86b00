"""What clients make of interrupted reception, measured side by side: see README.md."""
