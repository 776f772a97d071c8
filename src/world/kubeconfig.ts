/**
 * A kubeconfig for `kubectl` and other clients. Over plain HTTP clients send no token unless told that TLS is not checked,
 * so `insecure-skip-tls-verify` is set.
 */
export function kubeconfig({ url, cluster, token = 'world' }: { readonly url: string; readonly cluster: string; readonly token?: string }): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: ${cluster}
    cluster:
      server: ${url}
      insecure-skip-tls-verify: true
users:
  - name: ${cluster}
    user:
      token: ${token}
contexts:
  - name: ${cluster}
    context:
      cluster: ${cluster}
      user: ${cluster}
      namespace: default
current-context: ${cluster}
`;
}
