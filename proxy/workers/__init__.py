"""Several proxy processes on one port: a supervisor that keeps what there is one of, and workers that serve clients."""
