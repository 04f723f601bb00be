//go:build types

// Package types names what the schemas of custom resources are made of: published Go types, and the tool that reads them.
package types

import (
	_ "github.com/kyverno/api/api/policies.kyverno.io/v1"
	_ "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	_ "sigs.k8s.io/controller-tools/cmd/controller-gen"
)
