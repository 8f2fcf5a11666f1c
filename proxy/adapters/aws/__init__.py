"""Amazon's interfaces: Bedrock, its agents, Amazon Q."""
