//go:build helm3

package main

// Helm 3's commands cannot be imported: it is built beside, from the versions that this module names.
import _ "helm.sh/helm/v3/cmd/helm"
