//go:build tools

// Package kassa pins the tools its Makefile runs, so that go.mod is the one
// place that says which version generates the code.
package kassa

import (
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
)
