package lab

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// pcapRecordLimit bounds one record of a capture file.
const pcapRecordLimit = 256 << 10

// readPcap calls each for every packet of a capture file in the classic
// format of this machine's byte order, link type Ethernet.
func readPcap(r io.Reader, each func(frame []byte) error) error {
	in := bufio.NewReaderSize(r, 1<<20)
	var head [24]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return fmt.Errorf("pcap: %w", err)
	}
	order := binary.LittleEndian
	if order.Uint32(head[0:]) != 0xa1b2c3d4 || order.Uint32(head[20:]) != 1 {
		return errors.New("pcap: not an Ethernet capture of the classic format")
	}
	for {
		frame, err := readRecord(in, order)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := each(frame); err != nil {
			return err
		}
	}
}

// readRecord reads one packet. The end of the file, or a record that the
// recorder had not finished, is io.EOF.
func readRecord(in io.Reader, order binary.ByteOrder) ([]byte, error) {
	var head [16]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, io.EOF
	}
	size := order.Uint32(head[8:])
	if size > pcapRecordLimit {
		return nil, fmt.Errorf("pcap: a packet of %d octets", size)
	}
	frame := make([]byte, size)
	if _, err := io.ReadFull(in, frame); err != nil {
		return nil, io.EOF
	}
	return frame, nil
}
