#!/bin/sh
# Makes the package of everything, with the window, on a Mac that has Go and Apple's
# command line tools (xcode-select --install). It takes no arguments; the environment
# says who signs, all of it from the keychain:
#
#	SIGN_APP  identity that signs programs, "Developer ID Application: NAME (TEAM)"
#	SIGN_PKG  identity that signs the package, "Developer ID Installer: NAME (TEAM)"
#	NOTARY    profile by which Apple is asked (xcrun notarytool store-credentials)
#	VERSION   as git describe says it; default: what it says
#
# Without an identity nothing is signed, and that is said.
set -eu

folder=$(dirname "$0")
cd "$folder/../.."
source=$(pwd -P)
work=$source/build/_macos
tools=$source/build/_tools
out=$source/build/installers
app="$work/root/Applications/Mobile User VPN.app"
sign_app=${SIGN_APP:-}
sign_pkg=${SIGN_PKG:-}
notary=${NOTARY:-}

say() { echo "macos: $*"; }

if [ -n "$notary" ] && { [ -z "$sign_app" ] || [ -z "$sign_pkg" ]; }; then
	say "Apple notarises only what is signed: NOTARY goes with SIGN_APP and SIGN_PKG" >&2
	exit 2
fi
version=${VERSION:-}
if [ -z "$version" ]; then
	version=$(git describe --tags --always --dirty)
fi
commits=$(git rev-list --count HEAD)
epoch=$(git log -1 --format=%ct)

say "$version: command line, service and what goes with them"
go -C installers/tools build -trimpath -o "$tools/" github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
go run ./installers/macos -stage -describe "$version" -commits "$commits" -epoch "$epoch" -work "$work" -out "$out" -tools "$tools"
full=$(cat "$work/version")

# The window needs cgo and the frameworks of the SDK. clang builds for either
# processor on both.
export MACOSX_DEPLOYMENT_TARGET=12.0
build() {
	say "the window for $1"
	CGO_ENABLED=1 GOOS=darwin GOARCH="$1" CC="clang -arch $2" go build -tags window,no_emoji -trimpath -buildvcs=false \
		-ldflags "-s -w -X muvpn/client.Version=$version" -o "$work/$1/muvpn-gui" ./gui/muvpn-gui
	"$tools/cyclonedx-gomod" bin -json -noserial -notimestamp -std -version "$version" \
		-output "$out/muvpn-gui_${version#v}_darwin_$1.cdx.json" "$work/$1/muvpn-gui"
}
build amd64 x86_64
build arm64 arm64

say "Mobile User VPN.app"
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources"
lipo -create -output "$app/Contents/MacOS/muvpn-gui" "$work/amd64/muvpn-gui" "$work/arm64/muvpn-gui"
cp "$work/app/Info.plist" "$app/Contents/Info.plist"
cp "$work/app/muvpn.icns" "$app/Contents/Resources/muvpn.icns"
plutil -lint "$app/Contents/Info.plist"

# Under the hardened runtime, which Apple asks for, and without a single entitlement:
# nothing here makes code while it runs or loads that of others.
if [ -n "$sign_app" ]; then
	say "the programs are signed by $sign_app"
	for code in "$work/root/opt/muvpn/bin/muvpn" "$work/root/opt/muvpn/bin/muvpnd" "$app"; do
		codesign --force --timestamp --options runtime --sign "$sign_app" "$code"
		codesign --verify --strict --verbose=2 "$code"
	done
else
	say "the programs are not signed: SIGN_APP names no identity"
fi

say "the package"
package=$out/muvpn-gui-${version#v}.pkg
pkgbuild --root "$work/root" --component-plist "$source/installers/macos/app/component.plist" --scripts "$work/scripts" \
	--identifier muvpn --version "$full" --install-location / --ownership recommended "$work/muvpn.pkg"
productbuild --distribution "$work/Distribution" --package-path "$work" "$work/unsigned.pkg"
if [ -n "$sign_pkg" ]; then
	say "the package is signed by $sign_pkg"
	productsign --timestamp --sign "$sign_pkg" "$work/unsigned.pkg" "$package"
	pkgutil --check-signature "$package"
else
	say "the package is not signed: SIGN_PKG names no identity"
	cp "$work/unsigned.pkg" "$package"
fi

if [ -n "$notary" ]; then
	say "Apple is asked to notarise it, which takes minutes"
	xcrun notarytool submit "$package" --keychain-profile "$notary" --wait
	xcrun stapler staple "$package"
	xcrun stapler validate "$package"
else
	say "the package is not notarised: NOTARY names no profile"
fi
say "made $package"
