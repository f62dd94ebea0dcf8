import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.LogManager;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.OutputBuffer;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/**
 * Tomcat with an application that says where a request arrives, deployed at the root and at /confluence.
 *
 * <p>Each line of DIRECTORY/paths is a raw path. Tomcat's own pipeline (decoding, normalising, mapping)
 * reads each in this process; the answers go to DIRECTORY/answers, a line each: the status, and for a
 * 200 the context path, the servlet and the path that the servlet sees, separated by tabs. Then the same
 * Tomcat answers over HTTP until its standard input ends.
 */
public final class PathReader {
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(directory.resolve("tomcat").toString());
        tomcat.setPort(0);
        Connector connector = tomcat.getConnector();
        connector.setProperty("address", "127.0.0.1");
        // A proxy keeps its connections.
        connector.setProperty("maxKeepAliveRequests", "-1");
        for (String path : new String[] {"", "/confluence"}) {
            deploy(tomcat, path);
        }
        tomcat.start();
        // Else each path that is refused would be a line.
        LogManager.getLogManager().reset();
        readAll(connector, directory);
        System.out.println("listening on " + connector.getLocalPort());
        while (System.in.read() >= 0) {
            // Its end is all that matters.
        }
        tomcat.stop();
    }

    private static void deploy(Tomcat tomcat, String path) {
        Context context = tomcat.addContext(path, null);
        for (String[] servlet : new String[][] {{"rest", "/rest/*"}, {"rpc", "/rpc/*"}, {"other", "/"}}) {
            Tomcat.addServlet(context, servlet[0], new Arrival());
            context.addServletMappingDecoded(servlet[1], servlet[0]);
        }
        FilterDef filter = new FilterDef();
        filter.setFilterName("rewrite");
        filter.setFilter(new Rewrite());
        context.addFilterDef(filter);
        FilterMap map = new FilterMap();
        map.setFilterName("rewrite");
        map.addURLPattern("/*");
        context.addFilterMap(map);
    }

    /** Says where the request arrived. */
    private static final class Arrival extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String inside = request.getPathInfo() == null ? "" : request.getPathInfo();
            String seen = request.getServletPath() + inside;
            String line = request.getContextPath() + "\t" + getServletName() + "\t" + seen.replaceAll("\\p{Cntrl}", "?");
            byte[] body = line.getBytes(StandardCharsets.UTF_8);
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
        }
    }

    /** What Confluence does to resources: /s/anything/_/path is served as /path. */
    private static final class Rewrite implements Filter {
        private static final Pattern PREFIX = Pattern.compile("^/s/(.*)/_/(.*)$", Pattern.DOTALL);

        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            HttpServletRequest http = (HttpServletRequest) request;
            String inside = http.getPathInfo() == null ? "" : http.getPathInfo();
            Matcher match = PREFIX.matcher(http.getServletPath() + inside);
            if (!match.matches()) {
                chain.doFilter(request, response);
                return;
            }
            RequestDispatcher target = dispatcher(request, "/" + match.group(2));
            if (target == null) {
                ((HttpServletResponse) response).sendError(400);
            } else {
                target.forward(request, response);
            }
        }
    }

    /** Decodes the path once more; null for one that Tomcat can't read. */
    private static RequestDispatcher dispatcher(ServletRequest request, String path) {
        try {
            return request.getRequestDispatcher(path);
        } catch (IllegalArgumentException unreadable) {
            return null;
        }
    }

    private static void readAll(Connector connector, Path directory) throws Exception {
        byte[] paths = Files.readAllBytes(directory.resolve("paths"));
        try (OutputStream answers = new java.io.BufferedOutputStream(
                Files.newOutputStream(directory.resolve("answers")))) {
            int begin = 0;
            for (int end = 0; end < paths.length; end++) {
                if (paths[end] == '\n') {
                    answers.write(read(connector, paths, begin, end - begin));
                    answers.write('\n');
                    begin = end + 1;
                }
            }
        }
    }

    private static byte[] read(Connector connector, byte[] paths, int begin, int length) throws Exception {
        Request request = new Request();
        Response response = new Response();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        request.setResponse(response);
        response.setRequest(request);
        response.setOutputBuffer(new OutputBuffer() {
            @Override
            public int doWrite(ByteBuffer chunk) {
                int size = chunk.remaining();
                byte[] bytes = new byte[size];
                chunk.get(bytes);
                body.write(bytes, 0, size);
                return size;
            }

            @Override
            public long getBytesWritten() {
                return body.size();
            }
        });
        request.setMethod("GET");
        request.scheme().setString("http");
        request.serverName().setString("localhost");
        request.protocol().setString("HTTP/1.1");
        request.requestURI().setBytes(paths, begin, length);
        connector.getProtocolHandler().getAdapter().service(request, response);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.writeBytes(Integer.toString(response.getStatus()).getBytes(StandardCharsets.US_ASCII));
        if (response.getStatus() == 200) {
            line.write('\t');
            line.writeBytes(body.toByteArray());
        }
        return line.toByteArray();
    }
}
