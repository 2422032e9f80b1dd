package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

// settingWords say what a setting is, and offer values of it to completion. A test holds
// them complete.
var settingWords = map[string]struct {
	is     string
	values []string
}{
	secret.SettingSession:   {"how long a session lasts that asks for no length", []string{"15m", "1h", "4h", "8h", "24h"}},
	secret.SettingClipboard: {"how long a copied value stays on the clipboard", []string{"15s", "30s", "1m"}},
}

func settingsCommand(p *program) *cobra.Command {
	var reset bool
	c := &cobra.Command{
		Use:   "settings [NAME [TIME]]",
		Short: "List the settings, or change one (people only)",
		Long: `List the settings with their value, default and range, or change one: session, how
long a session lasts that asks for no length of its own (--for, --session), or
clipboard, how long a copied value stays. A change asks for your passphrase or Touch
ID, is in the audit, and rests sealed in the vault: no file changes a setting.`,
		Example: `  noxkey settings
  noxkey settings session 2h
  noxkey settings clipboard 1m
  noxkey settings session --reset`,
		Args:              settingArgs,
		ValidArgsFunction: completeSettings,
		RunE: func(c *cobra.Command, args []string) error {
			req, err := settingRequest(args, reset)
			if err != nil {
				return err
			}
			return p.settings(c.Context(), req, args)
		},
	}
	c.Flags().BoolVar(&reset, "reset", false, "back to its default")
	return p.listing(c)
}

const settingsHint = "noxkey settings lists them, with their range; noxkey settings session 2h changes one"

func settingArgs(_ *cobra.Command, args []string) error {
	if len(args) > 2 {
		return usageHint(settingsHint, "there is more than NAME and TIME")
	}
	return nil
}

// settingRequest reads NAME and TIME. The app holds them against the bounds, too.
func settingRequest(args []string, reset bool) (*secret.Request, error) {
	req := &secret.Request{Op: secret.OpSettings}
	switch {
	case reset && len(args) == 0:
		return nil, usageHint("noxkey settings session --reset", "NAME is missing: one setting is reset")
	case reset && len(args) == 2:
		return nil, usageHint(settingsHint, "give a TIME or --reset, not both")
	case len(args) == 0:
		return req, nil
	}
	s, err := secret.SettingOf(args[0])
	if err != nil {
		return nil, usageHint(settingsHint, "there is no such setting: NAME is session or clipboard")
	}
	if len(args) == 2 {
		d, err := duration(args[1])
		if err == nil {
			s, err = s.To(int64(d / time.Second))
		}
		if err != nil {
			return nil, usageHint(settingsHint, "%s", err)
		}
		req.Seconds = s.Value
	}
	if len(args) == 2 || reset {
		req.Setting = s.Name
	}
	return req, nil
}

// settings prints what req answers, or of a list the one setting that args name.
func (p *program) settings(ctx context.Context, req *secret.Request, args []string) error {
	t, a := newTable(p.out), &array{w: p.out}
	err := p.do(ctx, req, func(ans secret.Answer) error {
		switch s := ans.Setting; {
		case s == nil, len(args) > 0 && s.Name != args[0]:
			return nil
		case p.json:
			return a.add(s)
		default:
			return t.row(settingCells(s)...)
		}
	})
	if err != nil {
		return err
	}
	if p.json {
		return a.end()
	}
	return t.flush()
}

func settingCells(s *secret.Setting) []cell {
	return []cell{{s.Name, ""}, {secret.Span(s.Value), ""}, {"default " + secret.Span(s.Default), dim},
		{fmt.Sprintf("%s to %s", secret.Span(s.Least), secret.Span(s.Most)), dim}, {settingWords[s.Name].is, dim}}
}

// completeSettings offers names, then values. It asks nobody.
func completeSettings(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var offers []string
	switch len(args) {
	case 0:
		for _, s := range secret.Settings() {
			offers = append(offers, s.Name+"\t"+settingWords[s.Name].is)
		}
	case 1:
		offers = settingWords[args[0]].values
	}
	return offers, cobra.ShellCompDirectiveNoFileComp
}
