package android.content;

/** Stub: what the code under test uses. */
public class Context {
	private final java.io.File files;
	public Context() { this(null); }
	public Context(java.io.File files) { this.files = files; }
	public java.io.File getFilesDir() { return files; }
	public java.io.File getNoBackupFilesDir() { return files; }
}
