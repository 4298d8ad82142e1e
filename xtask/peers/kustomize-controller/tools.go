//go:build tools

// Package kustomizecontroller pins Flux's kustomize-controller, which tests run. It cannot be had by `go install`, since its go.mod
// replaces go-digest by a commit of it and its own API by a folder; here the first is repeated, and the second is its release.
package kustomizecontroller

import (
	_ "github.com/fluxcd/kustomize-controller"
)
