//go:build tools

// Package kubernetes pins the programs of a Kubernetes cluster that tests start. Kubernetes cannot be had by `go install`,
// since its go.mod replaces its staging modules by folders of its own repository; here they are replaced by their releases.
package kubernetes

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
