package ui

import (
	"fmt"
	"strings"
	"time"

	"noxkey/broker"
	"noxkey/caller"
)

// strip is the warning of a card. Where there are two reasons to warn, the second is told
// in the body of the first.
func strip(a *broker.Ask, t Terms, now time.Time) *Strip {
	first, second := callerStrip(a, t, now), manifestStrip(a, t, now)
	switch {
	case first == nil:
		return second
	case second != nil:
		first.Body += " " + second.Title + ": " + second.Body
	}
	return first
}

// callerStrip warns of who asks.
func callerStrip(a *broker.Ask, t Terms, now time.Time) *Strip {
	var unsure *Strip
	switch {
	case a.Who.Class == caller.Unknown:
		unsure = &Strip{"NoxKey cannot tell who is asking", unknownWhy(a, t)}
	case a.Who.Class == caller.Agent && a.Who.Reason == caller.ReasonEditor:
		unsure = &Strip{"This may be you or the agent", fmt.Sprintf("%s’s terminal is shared with its agent. It is treated as that agent.", whoName(a.Who))}
	}
	if !a.Known.Changed {
		return unsure
	}
	body := fmt.Sprintf("%s was replaced after %s. An update does this; so does something else under its name.", t.Path(a.Known.Path), Date(a.Known.Seen, now))
	if a.Vouch != nil {
		body += " " + unknownWhy(a, t) // what one vouches for is told whatever else there is to say
	}
	return &Strip{"This is not the program you allowed", body}
}

func unknownWhy(a *broker.Ask, t Terms) string {
	switch {
	case a.Vouch != nil:
		name, _, _ := strings.Cut(a.Vouch.Name(), ":")
		if a.Vouch.ExeID != (caller.FileID{}) && !a.Vouch.Fixed() { // it calls itself what it likes
			return fmt.Sprintf("The chain ends at %s, which is %s, a file that not only root can change. If you know it as yours, vouch for it: until it quits, its shells are treated as you.",
				Visible(name, 40), t.Path(a.Vouch.Exe))
		}
		return fmt.Sprintf("The chain ends at %s, which any program can start. If it is yours, vouch for it: until it quits, its shells are treated as you.", Visible(name, 40))
	case a.Who.Reason == caller.ReasonCut:
		return "A program in between has quit, so the chain is cut. It is treated as an agent."
	}
	why := a.Who.Reason.String()
	if why == "" {
		why = "nothing shows that it is you"
	}
	return Capital(why) + ". It is treated as an agent."
}
