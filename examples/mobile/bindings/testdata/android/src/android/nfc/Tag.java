package android.nfc;

/** Stub: a tag that knows its technology. */
public final class Tag {
	public final Object tech;
	public Tag(Object tech) { this.tech = tech; }
}
