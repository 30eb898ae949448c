package wire

// VendorID is the Vendor ID payload (RFC 2408 section 3.16). KnownVendor tells
// what it means.
type VendorID []byte

// Type is TypeVendorID.
func (VendorID) Type() PayloadType { return TypeVendorID }

func (v VendorID) appendBody(b []byte) []byte { return append(b, v...) }
