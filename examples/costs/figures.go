package main

// basis says where a number comes from.
type basis string

const (
	counted   basis = "counted"   // in a run of this library
	published basis = "published" // measured by somebody else, who is named
	estimated basis = "estimated" // derived from published figures, or assumed, as is said
)

// figure is the cost of one operation on one core.
type figure struct {
	cycles float64
	basis  basis
	note   string // key of notes
}

// core is a processor that a lock could have.
type core struct {
	name string
	mhz  float64
}

// cores are the smallest lock that the standard has in mind, a usual one, and a
// large one.
var cores = [...]core{{"Cortex-M0", 28}, {"Cortex-M4", 64}, {"Cortex-M33", 160}}

// price is what one operation costs on each core.
type price struct {
	name      string // of the count
	says      string
	publicKey bool
	count     func(counts) int
	figures   [len(cores)]figure
}

// prices are the operations whose time is predicted.
var prices = []price{
	{"x25519", "X25519", true, func(c counts) int { return c.X25519 }, [...]figure{
		{3_589_850, published, "1"}, {548_873, published, "2"}, {548_873, estimated, "a"}}},
	{"ed25519_sign", "Ed25519 sign", true, func(c counts) int { return c.Ed25519Sign }, [...]figure{
		{1_570_000, estimated, "b"}, {240_000, published, "3"}, {240_000, estimated, "a"}}},
	{"ed25519_verify", "Ed25519 verify", true, func(c counts) int { return c.Ed25519Verify }, [...]figure{
		{4_709_000, estimated, "b"}, {720_000, published, "3"}, {720_000, estimated, "a"}}},
	{"ed25519_points", "Ed25519 point decoded", true, func(c counts) int { return c.Ed25519Points }, [...]figure{
		{270_000, estimated, "c"}, {46_000, estimated, "c"}, {46_000, estimated, "c"}}},
	{"p256_dh", "P-256 multiplication", true, func(c counts) int { return c.P256DH }, [...]figure{
		{4_457_000, published, "4"}, {906_000, published, "5"}, {1_607_000, published, "6"}}},
	{"p256_sign", "P-256 sign", true, func(c counts) int { return c.P256Sign }, [...]figure{
		{1_845_000, estimated, "d"}, {375_000, published, "5"}, {1_116_000, published, "6"}}},
	{"p256_verify", "P-256 verify", true, func(c counts) int { return c.P256Verify }, [...]figure{
		{4_801_000, estimated, "d"}, {976_000, published, "5"}, {2_300_000, published, "6"}}},
	{"p256_points", "P-256 point decoded", true, func(c counts) int { return c.P256Points }, [...]figure{
		{236_000, estimated, "d"}, {48_000, published, "5"}, {85_000, estimated, "d"}}},
	{"sha256_blocks", "SHA-256 block", false, func(c counts) int { return c.SHA256Blocks }, [...]figure{
		{8_589, estimated, "e"}, {3_776, published, "7"}, {1_931, published, "6"}}},
	{"aes_keys", "AES-128 key schedule", false, func(c counts) int { return c.AESKeys }, [...]figure{
		{399, published, "8"}, {302, published, "8"}, {271, published, "8"}}},
	{"aes_blocks", "AES-128 block", false, func(c counts) int { return c.AESBlocks }, [...]figure{
		{1_646, published, "8"}, {626, published, "8"}, {574, published, "8"}}},
	{"flash_reads", "CRC-32 of a page of flash", false, func(c counts) int { return c.FlashReads }, [...]figure{
		{7_997, estimated, "h"}, {3_516, published, "9"}, {3_516, estimated, "a"}}},
}

// Assumptions about everything but the processor.
const (
	airBytesPerMs  = 9.4 // note f
	flashEraseMs   = 3.2 // of a page, note g
	flashProgramMs = 6.4 // of a page
	flashPageBytes = 128
)

// note is a source, or how an estimate is derived.
type note struct{ key, text string }

// notes are sources, with a number, and derivations, with a letter.
var notes = []note{
	{"1", "Düll et al., High-speed Curve25519 on 8-bit, 16-bit, and 32-bit microcontrollers, 2015 (doi 10.1007/s10623-015-0087-1): " +
		"3,589,850 cycles on Cortex-M0. On Cortex-M0+, 3,229,950 are published: github.com/pornin/x25519-cm0."},
	{"2", "github.com/Emill/X25519-Cortex-M4, README: 548,873 cycles on Cortex-M4."},
	{"3", "Efficient and Side-Channel Resistant Ed25519 on ARM Cortex-M4 (par.nsf.gov/biblio/10586515), abstract: sign 240,000 and verify " +
		"720,000 cycles, taken as whole operations with SHA-512. Compiled C takes longer: wolfSSL on STM32L4A6Z at 80 MHz [6], 16.0 and 36.6 ms, " +
		"which are 1.28 and 2.93 million."},
	{"4", "github.com/Emill/P256-cortex-ecdh, README: 4,457,000 to 5,764,000 cycles on Cortex-M0, by code size; the fastest is taken."},
	{"5", "github.com/Emill/P256-Cortex-M4, README, nRF52840: shared secret 906,000, sign 375,000, verify 976,000, point decompression " +
		"48,000 cycles. Making a key pair takes 327,000; both multiplications are taken as the dearer one."},
	{"6", "github.com/wolfSSL/wolfssl, IDE/STM32Cube/STM32_Benchmarks.md, STM32H563ZI, Cortex-M33 at 150 MHz: ECDH 10.713 ms, sign " +
		"7.441 ms, verify 15.333 ms, SHA-256 4.972 MB/s."},
	{"7", "Mbed TLS, yotta/data/example-benchmark/README.md, FRDM-K64F, Cortex-M4: SHA-256 in 59 cycles per byte, compiled C."},
	{"8", "github.com/jnk0le/cortexm-AES, doc/aes, without wait states: 1,646 cycles a block on Cortex-M0, 626 on Cortex-M4, 574 on Cortex-M33, " +
		"key schedules 399, 302 and 271. A chip with AES hardware needs less."},
	{"9", "github.com/zephyrproject-rtos/zephyr, commit 4e7b5769, lib: crc32_sw: 128 kB of flash in 30 ms on MKE16F512, Cortex-M4 at " +
		"120 MHz, compiled C with a table of 16 words: 27.5 cycles a byte."},
	{"a", "Taken as on Cortex-M4, since no figure for this core was found. Assembly for Cortex-M4 needs the DSP extension there, says [5]."},
	{"b", "Figure of Cortex-M4 [3], times what X25519 takes more on Cortex-M0: 3,589,850 / 548,873 = 6.54."},
	{"c", "At least the exponentiation in the field: 270,000 cycles on Cortex-M0+ (github.com/pornin/x25519-cm0), 8.4% of X25519 there, and " +
		"the same share of X25519 elsewhere. A public key is decoded and checked where an object with it is read."},
	{"d", "Figure of Cortex-M4 [5], times what ECDH takes more: 4,457,000 / 906,000 = 4.92 on Cortex-M0, 1,607,000 / 906,000 = 1.77 " +
		"on Cortex-M33."},
	{"e", "Taken from Cortex-M0+: wolfSSL on STM32G071RB at 64 MHz [6], 476.863 kB/s, compiled C."},
	{"f", "Air: 9.4 bytes a millisecond. 106 kbit/s are 13.3 bytes; a parity bit for each byte leaves 11.8; blocks, checksums and pauses " +
		"between frames are taken as a quarter more. What a phone adds for itself is not in it."},
	{"g", "Flash: 3.2 ms to erase a page of 128 bytes, 6.4 ms to program it, as STM32L0 has it (3.2 ms for half a page)."},
	{"h", "Figure of Cortex-M4 [9], times what SHA-256 takes more: 8,589 / 3,776 = 2.27. A chip with a CRC unit needs far less."},
}
