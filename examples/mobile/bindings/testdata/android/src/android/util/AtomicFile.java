package android.util;

import java.io.*;
import java.nio.file.*;

/** Stub: writes another file and renames it. */
public class AtomicFile {
	private final File file;
	public AtomicFile(File file) { this.file = file; }
	private File fresh() { return new File(file.getPath() + ".new"); }
	public FileOutputStream startWrite() throws IOException { return new FileOutputStream(fresh()); }
	public void finishWrite(FileOutputStream out) {
		try {
			out.getFD().sync();
			out.close();
			Files.move(fresh().toPath(), file.toPath(), StandardCopyOption.ATOMIC_MOVE);
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}
	public void failWrite(FileOutputStream out) { fresh().delete(); }
	public byte[] readFully() throws IOException {
		try (FileInputStream in = new FileInputStream(file)) {
			return in.readAllBytes();
		}
	}
	public void delete() { file.delete(); }
	public File getBaseFile() { return file; }
}
