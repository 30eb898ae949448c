#include "textflag.h"

// func encryptAESLanes(keys *roundKeys, rounds int, lanes *[8]*byte, blocks int)
//
// X0 to X7 are the blocks of the eight lanes at SI, DI, R8 to R13, offset BX.
// CX counts blocks; R15 runs over the round keys, from AX up to the last at DX.
TEXT ·encryptAESLanes(SB), NOSPLIT, $0-32
	MOVQ keys+0(FP), AX
	MOVQ rounds+8(FP), DX
	SHLQ $4, DX
	ADDQ AX, DX
	MOVQ lanes+16(FP), BX
	MOVQ blocks+24(FP), CX
	MOVQ 0(BX), SI
	MOVQ 8(BX), DI
	MOVQ 16(BX), R8
	MOVQ 24(BX), R9
	MOVQ 32(BX), R10
	MOVQ 40(BX), R11
	MOVQ 48(BX), R12
	MOVQ 56(BX), R13
	MOVOU (SI), X0
	MOVOU (DI), X1
	MOVOU (R8), X2
	MOVOU (R9), X3
	MOVOU (R10), X4
	MOVOU (R11), X5
	MOVOU (R12), X6
	MOVOU (R13), X7
	XORQ BX, BX

encryptBlocks:
	ADDQ $16, BX
	MOVOU (SI)(BX*1), X8
	MOVOU (DI)(BX*1), X9
	MOVOU (R8)(BX*1), X10
	MOVOU (R9)(BX*1), X11
	MOVOU (R10)(BX*1), X12
	MOVOU (R11)(BX*1), X13
	MOVOU (R12)(BX*1), X14
	MOVOU (R13)(BX*1), X15
	PXOR X8, X0
	PXOR X9, X1
	PXOR X10, X2
	PXOR X11, X3
	PXOR X12, X4
	PXOR X13, X5
	PXOR X14, X6
	PXOR X15, X7
	MOVOU (AX), X8
	PXOR X8, X0
	PXOR X8, X1
	PXOR X8, X2
	PXOR X8, X3
	PXOR X8, X4
	PXOR X8, X5
	PXOR X8, X6
	PXOR X8, X7
	LEAQ 16(AX), R15

encryptRound:
	MOVOU (R15), X8
	AESENC X8, X0
	AESENC X8, X1
	AESENC X8, X2
	AESENC X8, X3
	AESENC X8, X4
	AESENC X8, X5
	AESENC X8, X6
	AESENC X8, X7
	ADDQ $16, R15
	CMPQ R15, DX
	JNE encryptRound

	MOVOU (DX), X8
	AESENCLAST X8, X0
	AESENCLAST X8, X1
	AESENCLAST X8, X2
	AESENCLAST X8, X3
	AESENCLAST X8, X4
	AESENCLAST X8, X5
	AESENCLAST X8, X6
	AESENCLAST X8, X7
	MOVOU X0, (SI)(BX*1)
	MOVOU X1, (DI)(BX*1)
	MOVOU X2, (R8)(BX*1)
	MOVOU X3, (R9)(BX*1)
	MOVOU X4, (R10)(BX*1)
	MOVOU X5, (R11)(BX*1)
	MOVOU X6, (R12)(BX*1)
	MOVOU X7, (R13)(BX*1)
	DECQ CX
	JNZ encryptBlocks
	RET

// func decryptAESLane(keys *roundKeys, rounds int, lane *byte, blocks int)
//
// X0 to X7 are eight blocks in a row; X9 is the ciphertext before the first of
// them, which its own plaintext may have overwritten already. SI points to that
// block, and CX counts those to come.
TEXT ·decryptAESLane(SB), NOSPLIT, $0-32
	MOVQ keys+0(FP), AX
	MOVQ rounds+8(FP), DX
	SHLQ $4, DX
	ADDQ AX, DX
	MOVQ lane+16(FP), SI
	MOVQ blocks+24(FP), CX
	MOVOU (SI), X9

decryptEight:
	CMPQ CX, $8
	JB decryptOne
	MOVOU 16(SI), X0
	MOVOU 32(SI), X1
	MOVOU 48(SI), X2
	MOVOU 64(SI), X3
	MOVOU 80(SI), X4
	MOVOU 96(SI), X5
	MOVOU 112(SI), X6
	MOVOU 128(SI), X7
	MOVOU X7, X10
	MOVOU (AX), X8
	PXOR X8, X0
	PXOR X8, X1
	PXOR X8, X2
	PXOR X8, X3
	PXOR X8, X4
	PXOR X8, X5
	PXOR X8, X6
	PXOR X8, X7
	LEAQ 16(AX), R15

decryptRound:
	MOVOU (R15), X8
	AESDEC X8, X0
	AESDEC X8, X1
	AESDEC X8, X2
	AESDEC X8, X3
	AESDEC X8, X4
	AESDEC X8, X5
	AESDEC X8, X6
	AESDEC X8, X7
	ADDQ $16, R15
	CMPQ R15, DX
	JNE decryptRound

	MOVOU (DX), X8
	AESDECLAST X8, X0
	AESDECLAST X8, X1
	AESDECLAST X8, X2
	AESDECLAST X8, X3
	AESDECLAST X8, X4
	AESDECLAST X8, X5
	AESDECLAST X8, X6
	AESDECLAST X8, X7
	PXOR X9, X0
	MOVOU 16(SI), X8
	PXOR X8, X1
	MOVOU 32(SI), X8
	PXOR X8, X2
	MOVOU 48(SI), X8
	PXOR X8, X3
	MOVOU 64(SI), X8
	PXOR X8, X4
	MOVOU 80(SI), X8
	PXOR X8, X5
	MOVOU 96(SI), X8
	PXOR X8, X6
	MOVOU 112(SI), X8
	PXOR X8, X7
	MOVOU X0, 16(SI)
	MOVOU X1, 32(SI)
	MOVOU X2, 48(SI)
	MOVOU X3, 64(SI)
	MOVOU X4, 80(SI)
	MOVOU X5, 96(SI)
	MOVOU X6, 112(SI)
	MOVOU X7, 128(SI)
	MOVOU X10, X9
	ADDQ $128, SI
	SUBQ $8, CX
	JMP decryptEight

decryptOne:
	TESTQ CX, CX
	JZ done
	MOVOU 16(SI), X0
	MOVOU X0, X10
	MOVOU (AX), X8
	PXOR X8, X0
	LEAQ 16(AX), R15

decryptOneRound:
	MOVOU (R15), X8
	AESDEC X8, X0
	ADDQ $16, R15
	CMPQ R15, DX
	JNE decryptOneRound

	MOVOU (DX), X8
	AESDECLAST X8, X0
	PXOR X9, X0
	MOVOU X0, 16(SI)
	MOVOU X10, X9
	ADDQ $16, SI
	DECQ CX
	JMP decryptOne

done:
	RET

// func subWord(w uint32) uint32
//
// The last round of AES is SubBytes, ShiftRows, AddRoundKey. Four equal columns
// are not changed by ShiftRows, nor by a key of zeros.
TEXT ·subWord(SB), NOSPLIT, $0-12
	MOVL w+0(FP), X0
	PSHUFD $0, X0, X0
	PXOR X1, X1
	AESENCLAST X1, X0
	MOVL X0, ret+8(FP)
	RET

// func invMixColumns(key *[16]byte)
TEXT ·invMixColumns(SB), NOSPLIT, $0-8
	MOVQ key+0(FP), AX
	MOVOU (AX), X0
	AESIMC X0, X0
	MOVOU X0, (AX)
	RET
