"""The scripts and pages of a kit of trust. Texts alone; `@PROXY@`, `@PAC@` and `@BELOW@` are filled in by `kit`."""

from typing import Final

WINDOWS: Final = r"""# Windows, one machine, as administrator:
#   powershell -ExecutionPolicy Bypass -File windows\install.ps1
# For the whole domain: Group Policy > Computer Configuration > Windows Settings > Security Settings >
#   Public Key Policies > Trusted Root Certification Authorities > Import each .cer here;
#   or: certutil -dspublish -f sluice-ca-1.cer RootCA
# An authority that must not be trusted any more (gone\*.cer): take it out there, and import it under
#   Untrusted Certificates; in Intune, remove the profile that brought it.
# Intune: POST intune-*.json to https://graph.microsoft.com/v1.0/deviceManagement/deviceConfigurations, then assign.
$ErrorActionPreference = "Stop"
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$to = Join-Path $env:ProgramData "Sluice"
New-Item -ItemType Directory -Force -Path $to | Out-Null
Copy-Item (Join-Path $here "..\sluice-ca.pem"), (Join-Path $here "..\sluice-bundle.pem") $to -Force
Get-ChildItem (Join-Path $here "*.cer") | ForEach-Object {
  Import-Certificate -FilePath $_.FullName -CertStoreLocation Cert:\LocalMachine\Root | Out-Null
}
Get-ChildItem (Join-Path $here "..\gone\*.cer") -ErrorAction SilentlyContinue | ForEach-Object {
  $print = (New-Object System.Security.Cryptography.X509Certificates.X509Certificate2 $_.FullName).Thumbprint
  Get-ChildItem Cert:\LocalMachine\Root | Where-Object { $_.Thumbprint -eq $print } | Remove-Item
  Import-Certificate -FilePath $_.FullName -CertStoreLocation Cert:\LocalMachine\Disallowed | Out-Null
}
$bundle = Join-Path $to "sluice-bundle.pem"
$ours = Join-Path $to "sluice-ca.pem"
$names = "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "AWS_CA_BUNDLE", "CARGO_HTTP_CAINFO"
foreach ($name in $names) {
  [Environment]::SetEnvironmentVariable($name, $bundle, "Machine")
}
[Environment]::SetEnvironmentVariable("NODE_EXTRA_CA_CERTS", $ours, "Machine")
if (Get-Command git -ErrorAction SilentlyContinue) { git config --system http.sslBackend schannel }
"""

LINUX: Final = r"""#!/bin/sh
# Linux, one machine, as root: sh linux/install.sh   (again after each rotation)
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
root=${SLUICE_ROOT:-}
install -d -m 0755 "$root@BELOW@"
for place in "@BELOW@" /usr/local/share/ca-certificates /etc/pki/ca-trust/source/anchors \
  /etc/ca-certificates/trust-source/anchors; do
  rm -f "$root$place"/sluice-ca-[0-9]*.crt                         # of an earlier kit: who is not in this one, goes
done
install -m 0644 "$here/sluice-ca.pem" "$here/sluice-bundle.pem" "$here"/certificates/*.crt "$root@BELOW@/"

if [ -d "$root/usr/local/share/ca-certificates" ]; then            # Debian, Ubuntu, Alpine
  install -m 0644 "$here"/certificates/*.crt "$root/usr/local/share/ca-certificates/"
  [ -n "$root" ] || update-ca-certificates
elif [ -d "$root/etc/pki/ca-trust/source/anchors" ]; then          # Fedora, RHEL
  install -m 0644 "$here"/certificates/*.crt "$root/etc/pki/ca-trust/source/anchors/"
  [ -n "$root" ] || update-ca-trust
elif [ -d "$root/etc/ca-certificates/trust-source/anchors" ]; then # Arch
  install -m 0644 "$here"/certificates/*.crt "$root/etc/ca-certificates/trust-source/anchors/"
  [ -n "$root" ] || trust extract-compat
fi

# Programs that know one file in place of the system's list.
install -d -m 0755 "$root/etc/profile.d"
install -m 0644 "$here/linux/sluice-proxy.sh" "$root/etc/profile.d/sluice-proxy.sh"

# Browsers, by their policies.
install -D -m 0644 "$here/firefox/policies.json" "$root/etc/firefox/policies/policies.json"
for browser in opt/chrome chromium opt/edge; do
  install -D -m 0644 "$here/chrome/sluice.json" "$root/etc/$browser/policies/managed/sluice.json"
done

# Authorities that must not be trusted any more, out of what browsers have taken up for each person.
for file in "$here"/gone/*.crt; do
  [ -e "$file" ] && command -v certutil >/dev/null || continue     # libnss3-tools
  for home in "$root/root" "$root"/home/*; do
    for list in "$home/.pki/nssdb" "$home"/.mozilla/firefox/*/ "$home"/snap/firefox/common/.mozilla/firefox/*/; do
      [ -e "$list/cert9.db" ] || continue
      certutil -L -d "sql:$list" | sed -n 's/ *[^ ,]*,[^ ,]*,[^ ,]* *$//p' | while IFS= read -r name; do
        print=$(certutil -L -d "sql:$list" -n "$name" -r 2>/dev/null | sha256sum | cut -c1-64)
        [ "$print.crt" != "$(basename "$file")" ] || certutil -D -d "sql:$list" -n "$name"
      done
    done
  done
done
"""

SHELL: Final = r"""# Programs that read their trust from the environment: Python, Node, curl, Git, Cargo, pip,
# AWS, Deno, Claude Code.
export SSL_CERT_FILE=@BELOW@/sluice-bundle.pem
export REQUESTS_CA_BUNDLE=@BELOW@/sluice-bundle.pem
export CURL_CA_BUNDLE=@BELOW@/sluice-bundle.pem
export GIT_SSL_CAINFO=@BELOW@/sluice-bundle.pem
export CARGO_HTTP_CAINFO=@BELOW@/sluice-bundle.pem
export PIP_CERT=@BELOW@/sluice-bundle.pem
export AWS_CA_BUNDLE=@BELOW@/sluice-bundle.pem
export NODE_EXTRA_CA_CERTS=@BELOW@/sluice-ca.pem
export DENO_CERT=@BELOW@/sluice-ca.pem
if [ -n "@PROXY@" ]; then
  export HTTPS_PROXY=@PROXY@ HTTP_PROXY=@PROXY@ https_proxy=@PROXY@ http_proxy=@PROXY@
fi
"""

JAVA: Final = r"""#!/bin/sh
# Java: sh java/install.sh [JAVA_HOME]   (each Java has a list of its own; again after each rotation and update)
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
home=${1:-${JAVA_HOME:?write the path of the Java installation}}
store=${SLUICE_KEYSTORE:-$home/lib/security/cacerts}
"$home/bin/keytool" -list -keystore "$store" -storepass changeit 2>/dev/null |
  sed -n 's/^\(sluice-ca-[0-9]*\),.*/\1/p' | while IFS= read -r name; do  # of an earlier kit
    "$home/bin/keytool" -delete -keystore "$store" -storepass changeit -alias "$name" </dev/null
  done
for file in "$here"/certificates/*.crt; do
  name=$(basename "$file" .crt)
  "$home/bin/keytool" -importcert -noprompt -keystore "$store" -storepass changeit -alias "$name" -file "$file"
done
"""

DOCKER: Final = r"""# In a Dockerfile whose build goes through the proxy, before anything is fetched;
# with the kit's folder in the context:
#   docker build --build-arg HTTPS_PROXY=@PROXY@ --build-arg HTTP_PROXY=@PROXY@ .
COPY certificates/*.crt /usr/local/share/ca-certificates/
COPY sluice-ca.pem sluice-bundle.pem @BELOW@/
RUN cat @BELOW@/sluice-ca.pem >> /etc/ssl/certs/ca-certificates.crt
ENV SSL_CERT_FILE=@BELOW@/sluice-bundle.pem \
    REQUESTS_CA_BUNDLE=@BELOW@/sluice-bundle.pem \
    CURL_CA_BUNDLE=@BELOW@/sluice-bundle.pem \
    PIP_CERT=@BELOW@/sluice-bundle.pem \
    CARGO_HTTP_CAINFO=@BELOW@/sluice-bundle.pem \
    GIT_SSL_CAINFO=@BELOW@/sluice-bundle.pem \
    NODE_EXTRA_CA_CERTS=@BELOW@/sluice-ca.pem
"""

README: Final = """# Trust for clients

Made by `sluice ca kit`. It holds certificates alone, no key; make it anew after `sluice ca next`, `take`, `swap` and
`retire`. Compare the fingerprint with `sluice ca show` before you roll it out.

| client | what to do |
|---|---|
| Windows, one machine | `windows/install.ps1` as administrator |
| Windows, group policy, Intune | as the head of `windows/install.ps1` says; `windows/*.cer`, `windows/intune-*.json` |
| macOS | hand `macos/sluice.mobileconfig` to your MDM |
| Linux | `sh linux/install.sh` as root: the system's store, programs, Firefox, Chrome |
| Firefox | `firefox/policies.json` into `distribution/` of its folder, or `/etc/firefox/policies/` |
| Chrome, Chromium, Edge on Linux | `chrome/sluice.json` into `/etc/opt/chrome/policies/managed/` and the like |
| Java | `sh java/install.sh /path/to/java` |
| Node, Python, Git, Rust, curl, AWS | the variables in `linux/sluice-proxy.sh` |
| Docker builds | `docker/Dockerfile.snippet`; build anew what was built with an earlier kit |

In `gone/`, if it is there, are authorities that no client may trust any more: retired ones, such as one whose key was
stolen. The scripts for Linux, Java and Windows take them out, Chrome's policy forbids them, the profile for macOS
replaces the one before. By hand: group policy and Intune, and Firefox where no `certutil` is (libnss3-tools).
"""

README_ZH: Final = """# 客户端信任包

由 `sluice ca kit` 生成，只含证书，不含私钥；执行 `sluice ca next`、`take`、`swap`、`retire` 之后请重新生成。
分发之前，请用 `sluice ca show` 核对指纹。

| 客户端 | 做法 |
|---|---|
| Windows 单机 | 以管理员身份运行 `windows/install.ps1` |
| Windows 组策略或 Intune | 见 `windows/install.ps1` 开头的说明；文件为 `windows/*.cer`、`windows/intune-*.json` |
| macOS | 用 MDM 下发 `macos/sluice.mobileconfig` |
| Linux | 以 root 运行 `sh linux/install.sh`：系统证书库、各类程序、Firefox、Chrome |
| Firefox | 把 `firefox/policies.json` 放入其目录下的 `distribution/` 或 `/etc/firefox/policies/` |
| Linux 上的 Chrome、Chromium、Edge | 把 `chrome/sluice.json` 放入 `/etc/opt/chrome/policies/managed/` 等目录 |
| Java | `sh java/install.sh /java/路径` |
| Node、Python、Git、Rust、curl、AWS | 见 `linux/sluice-proxy.sh` 中的环境变量 |
| Docker 构建 | `docker/Dockerfile.snippet`；用旧信任包构建的镜像须重新构建 |

若有 `gone/` 目录，其中是客户端不得再信任的颁发机构：已停用的，例如私钥被盗的。Linux、Java、Windows 的脚本会将其移除，
Chrome 的策略会禁止它们，macOS 的描述文件会替换上一份。须手工处理的：组策略与 Intune，以及没有 `certutil`
（libnss3-tools）的机器上的 Firefox。
"""
