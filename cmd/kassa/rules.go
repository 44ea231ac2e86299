package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/kassa-dev/kassa/conformance"
)

func newRules() *cobra.Command {
	return &cobra.Command{
		Use:   "rules",
		Short: "List the rules of the judge",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, rule := range conformance.Rules() {
				fmt.Fprintf(table, "%s\t%s\t%s\n", rule.ID, rule.Severity, rule.Title)
			}
			return table.Flush()
		},
	}
}

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:     "explain RULE",
		Short:   "Tell what a rule asks, why, and what to do about a finding",
		Example: "  kassa explain response.body.integer",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return misuse("explain wants one rule; `kassa rules` lists them")
			}
			for _, rule := range conformance.Rules() {
				if rule.ID == strings.ToLower(args[0]) {
					fmt.Fprintf(cmd.OutOrStdout(), "%s (%s)\n%s\n\n%s\n", rule.ID, rule.Severity, rule.Title, rule.Detail)
					return nil
				}
			}
			return misuse("there is no rule %q; `kassa rules` lists them", args[0])
		},
	}
}
