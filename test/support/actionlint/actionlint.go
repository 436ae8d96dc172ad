//go:build tools

// Package tools names the command, so that its module stays in go.mod.
package tools

import _ "github.com/rhysd/actionlint"
