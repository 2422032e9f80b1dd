package main

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"noxkey/tools/bundle/plist"
)

// teamMark stands in entitlements/app.plist where the team's identifier goes.
const teamMark = "$(TEAM)"

// appMay are all the entitlements the app may have. A key that is not here is a fault,
// whatever it is.
var appMay = map[string]any{
	"com.apple.security.app-sandbox":                    true,
	"com.apple.security.files.user-selected.read-write": true,
	"com.apple.application-identifier":                  teamMark + "." + bundleID,
	"com.apple.developer.team-identifier":               teamMark,
	"keychain-access-groups":                            []any{teamMark + "." + bundleID},
}

// broken says which promise a key would break; the longest matching beginning counts.
var broken = map[string]string{
	"com.apple.security.network.":            "DESIGN 1: no network call, ever",
	"com.apple.security.get-task-allow":      "anybody could attach a debugger and read values",
	"com.apple.security.cs.":                 "the hardened runtime is taken whole",
	"com.apple.security.temporary-exception": "the sandbox is taken whole",
	"com.apple.security.application-groups":  "nobody shares files with the app",
	"com.apple.security.files.":              "only what the person dropped or chose",
	"com.apple.security.automation.":         "it drives no other program",
	"com.apple.security.device.":             "it uses no device",
	"com.apple.security.inherit":             "it starts nothing",
}

// appFaults returns what is wrong with entitlements/app.plist, in words.
func appFaults(d plist.Dict) []string {
	var faults []string
	for _, k := range slices.Sorted(maps.Keys(d)) {
		want, known := appMay[k]
		switch {
		case !known:
			faults = append(faults, fmt.Sprintf("app entitlements: %s must not be there: %s", k, reason(k)))
		case !reflect.DeepEqual(d[k], want):
			faults = append(faults, fmt.Sprintf("app entitlements: %s is %v, not %v", k, d[k], want))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(appMay)) {
		if _, there := d[k]; !there {
			faults = append(faults, "app entitlements: "+k+" is missing")
		}
	}
	return faults
}

func reason(key string) string {
	why, length := "it is not on the list of what the app needs", 0
	for prefix, w := range broken {
		if strings.HasPrefix(key, prefix) && len(prefix) > length {
			why, length = w, len(prefix)
		}
	}
	return why
}

// helperFaults: the client has none.
func helperFaults(d plist.Dict) []string {
	var faults []string
	for _, k := range slices.Sorted(maps.Keys(d)) {
		faults = append(faults, "helper entitlements: "+k+" must not be there: the client has none")
	}
	return faults
}

var teamID = regexp.MustCompile(`^[A-Z0-9]{10}$`)

// effective returns what codesign is given: with a team its identifier filled in,
// without one (ad hoc) the keys left out that only a team may claim, since macOS kills
// at launch whoever claims them without a provisioning profile. It names those.
func effective(d plist.Dict, team string) (plist.Dict, []string, error) {
	if f := appFaults(d); len(f) > 0 {
		return nil, nil, errors.New(strings.Join(f, "\n"))
	}
	if team != "" && !teamID.MatchString(team) {
		return nil, nil, fmt.Errorf("%q is not a team identifier (ten letters and digits)", team)
	}
	out, left := plist.Dict{}, []string{}
	for _, k := range slices.Sorted(maps.Keys(d)) {
		switch v := d[k].(type) {
		case bool:
			out[k] = v
		default:
			if team == "" {
				left = append(left, k)
				continue
			}
			out[k] = withTeam(v, team)
		}
	}
	return out, left, nil
}

func withTeam(v any, team string) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, teamMark, team)
	case []any:
		a := make([]any, len(v))
		for i := range v {
			a[i] = withTeam(v[i], team)
		}
		return a
	}
	return v
}

// differ returns what a signature's entitlements have otherwise than they should.
func differ(signed, want plist.Dict) []string {
	var faults []string
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if !reflect.DeepEqual(signed[k], want[k]) {
			faults = append(faults, fmt.Sprintf("signed with %s = %v, not %v", k, signed[k], want[k]))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(signed)) {
		if _, there := want[k]; !there {
			faults = append(faults, fmt.Sprintf("signed with %s, which was not asked for: %s", k, reason(k)))
		}
	}
	return faults
}
