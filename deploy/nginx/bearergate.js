// What Confluence's answer must not do, after bearergate let the call in. bearergate.conf uses it.

// Calls that came with a credential, so Confluence must have seen somebody.
const WITH_CREDENTIAL = ['oauth', 'api-token', 'atlassian-token', 'basic', 'oauth1'];

// Calls that came with a token: each authenticates itself, none needs a session.
const WITH_TOKEN = ['oauth', 'api-token'];

// The REST API, at the root or below a context path. The path is decoded and normalised here.
const REST = /^\/([^/]+\/)?rest([;/]|$)/i;

// Belongs to the body that is replaced.
const OF_BODY = [
    'Content-Length', 'Content-Encoding', 'Content-Disposition', 'Content-Range', 'Accept-Ranges',
    'ETag', 'Last-Modified', 'Set-Cookie',
];

function decoded(name) {
    try {
        return decodeURIComponent(name.replace(/\+/g, '%20')).toLowerCase();
    } catch (e) {
        return name.toLowerCase();
    }
}

// Why the answer is no success, or '' where it may be one.
function fault(r) {
    if (r.status < 200 || r.status > 299 || !REST.test(r.uri)
        || !WITH_CREDENTIAL.includes(r.variables.bearergate_method)) {
        return '';
    }
    const seen = decoded(r.headersOut['X-AUSERNAME'] || '');
    if (seen === '' || seen === 'anonymous') {
        return 'confluence_saw_nobody';
    }
    const expected = decoded(r.variables.bearergate_expected_user || '');
    return expected === '' || expected === seen ? '' : 'confluence_saw_another_user';
}

function headers(r) {
    if (WITH_TOKEN.includes(r.variables.bearergate_method)) {
        delete r.headersOut['Set-Cookie'];
    }
    const reason = fault(r);
    if (reason === '') {
        return;
    }
    r.variables.bearergate_fault = reason;
    r.status = 502;
    OF_BODY.forEach((name) => delete r.headersOut[name]);
    r.headersOut['Content-Type'] = 'application/problem+json';
    r.headersOut['Cache-Control'] = 'no-store';
    r.headersOut['X-Auth-Reason'] = reason;
}

function body(r, data, flags) {
    const reason = r.variables.bearergate_fault;
    if (!reason) {
        // Sent on as it is, from now on without asking here.
        r.sendBuffer(data, flags);
        r.done();
        return;
    }
    r.sendBuffer(JSON.stringify({
        type: 'about:blank',
        title: 'Confluence did not accept the credential',
        status: 502,
        detail: 'bearergate let the call in, but Confluence answered as to somebody else. The credential that '
            + 'Confluence got may have expired or been revoked.',
        reason: reason,
    }), { last: true });
    r.done();
}

export default { headers, body };
