"""Where grants and the vault are kept."""
