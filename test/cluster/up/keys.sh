# Part of up.sh: one authority for servers and clients, and a kubeconfig for everybody.

config() { # NAME USER: kubeconfig-NAME
  (
    umask 077
    cat >"kubeconfig$1" <<CONFIG
apiVersion: v1
kind: Config
clusters:
- name: test
  cluster: {server: $server, certificate-authority-data: $(base64 -w0 pki/ca.crt)}
users:
- name: test
  user: {$2}
contexts:
- name: test
  context: {cluster: test, user: test}
current-context: test
CONFIG
  )
}
sign() { # NAME SUBJECT EXTENSION
  openssl req -new -key "pki/$1.key" -subj "$2" |
    openssl x509 -req -CA pki/ca.crt -CAkey pki/ca.key -CAcreateserial -days 365 -out "pki/$1.crt" \
      -extfile <(echo "$3") 2>/dev/null
}

for name in ca server admin sa; do openssl ecparam -name prime256v1 -genkey -noout -out pki/$name.key; done
openssl req -x509 -new -key pki/ca.key -subj /CN=test-ca -days 365 -out pki/ca.crt \
  -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
sign server /CN=kube-apiserver 'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc'
sign admin /O=system:masters/CN=admin 'extendedKeyUsage=clientAuth'
config '' "client-certificate-data: $(base64 -w0 pki/admin.crt), client-key-data: $(base64 -w0 pki/admin.key)"
for name in kube-controller-manager kube-scheduler kwok; do
  token=$(openssl rand -hex 16)
  echo "$token,$name,$name,\"system:masters\"" >>pki/tokens.csv
  config "-$name" "token: $token"
done
chmod 600 pki/*
