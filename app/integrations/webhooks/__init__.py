"""What providers send us: verifiers, handshakes and event ids as data of the manifest. Pure: headers and raw bytes in, a verdict out."""
