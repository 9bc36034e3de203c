"""From the matrix to results: plan, tasks, the agent, the probes, the command line."""
