package e2e

const agentName = "claude"

func standIn(args []string) int { return 1 }
