"""One module per library, one function per way of receiving; `benchmarks.roster` lists them all."""
