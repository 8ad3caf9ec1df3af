package android.nfc;

/** Stub. */
public class TagLostException extends java.io.IOException {
	public TagLostException(String message) { super(message); }
}
