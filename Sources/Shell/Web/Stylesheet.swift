// SPDX-License-Identifier: Apache-2.0

/// Our own styles, on top of Bootstrap's: calm, much white, one green, large targets for thumbs.
///
/// Two layouts: `.city` for everybody (a bar on top, on phones a bar of tabs below), `.console` for
/// staff (a menu at the side). Colours are named once, at the head.
enum Stylesheet {
  static let text = #"""
    :root{--ink:#1b2b26;--soft:#5b6f67;--faint:#6f8179;--line:#e0e9e4;--paper:#f6f9f7;--card:#fff;
    --green:#0d7a53;--deep:#0a5c40;--night:#0b3b2c;--mint:#e6f3ec;--mist:#f0f7f3;--amber:#8f5a00;
    --sand:#fdf3df;--red:#b3261e;--rose:#fdeceb;--blue:#1f5f99;--sky:#e9f2fa;--round:14px;
    --bs-link-color:#0d7a53;--bs-link-hover-color:#0a5c40;--bs-body-color:#1b2b26}
    html{scroll-padding-top:5rem;-webkit-text-size-adjust:100%}
    body{font-family:system-ui,-apple-system,"PingFang SC","HarmonyOS Sans SC","MiSans",
    "Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif;font-size:1rem;
    line-height:1.7;color:var(--ink);background:var(--paper);-webkit-font-smoothing:antialiased;
    overflow-wrap:anywhere}
    a{color:var(--green);text-decoration:none}a:hover{color:var(--deep);text-decoration:underline}
    :focus-visible{outline:3px solid #6dbb98;outline-offset:2px;border-radius:6px}
    h1,h2,h3{font-weight:600;line-height:1.35;letter-spacing:.01em;text-wrap:balance}
    h1{font-size:1.75rem;margin:0 0 .8rem}h1+p{margin-top:-.3rem}
    h2{font-size:1.25rem;margin:2.25rem 0 .9rem}
    h3{font-size:1.05rem;margin:0 0 .35rem}
    code,pre,.mono{font-family:ui-monospace,"SF Mono",Consolas,"Noto Sans Mono CJK SC",monospace;
    font-size:.875em;color:inherit}
    .num,td.n,th.n{font-variant-numeric:tabular-nums}td.n,th.n{text-align:right;white-space:nowrap}
    .nowrap{white-space:nowrap}.soft{color:var(--soft)}.small{font-size:.875rem}
    .skip{position:absolute;left:-9999px}.skip:focus{left:1rem;top:1rem;z-index:9;background:#fff;
    padding:.5rem 1rem}
    .logo{width:2rem;height:2rem;flex:none}
    .top{background:#fff;border-bottom:1px solid var(--line);position:sticky;top:0;z-index:5}
    .top .in{max-width:1120px;margin:0 auto;padding:.7rem 1.25rem;display:flex;gap:1.25rem;
    align-items:center}
    .brand{display:flex;align-items:center;gap:.6rem;color:var(--ink);font-weight:600;
    font-size:1.06rem;white-space:nowrap;min-width:0}.brand:hover{color:var(--deep);
    text-decoration:none}.brand span{overflow:hidden;text-overflow:ellipsis}
    .brand small{font-weight:400;color:var(--soft);font-size:.8rem;margin-left:.4rem}
    .nav1{display:flex;gap:.25rem;margin-left:auto;align-items:center}
    .nav1 a{color:var(--ink);padding:.45rem .8rem;border-radius:999px;font-size:.95rem;
    white-space:nowrap}.nav1 a:hover{background:var(--mist);text-decoration:none}
    .nav1 a.on{background:var(--mint);color:var(--deep);font-weight:600}
    .lang{border:1px solid var(--line);border-radius:999px;padding:.25rem .75rem;font-size:.85rem;
    color:var(--soft);white-space:nowrap}.lang:hover{text-decoration:none;border-color:#b9cfc4}
    .wrap{max-width:1120px;margin:0 auto;padding:2rem 1.25rem 3.5rem}.wrap.slim{max-width:760px}
    .foot{border-top:1px solid var(--line);color:var(--soft);font-size:.85rem;background:#fff}
    .foot .in{max-width:1120px;margin:0 auto;padding:1.5rem 1.25rem;display:flex;flex-wrap:wrap;
    gap:.4rem 1.5rem}.foot a{color:var(--soft)}
    .hero{background:linear-gradient(135deg,#0a5c40 0%,#0d7a53 55%,#2b966c 100%);color:#fff;
    border-radius:20px;padding:2.25rem 2.25rem 2rem;margin-bottom:1.75rem}
    .hero h1{color:#fff;font-size:1.9rem}.hero p{color:#d6ece1;margin:0;max-width:44rem}
    .hero .soft{color:#bfe0d0}.hero a.btn{margin-top:1.1rem}
    .duo{display:grid;grid-template-columns:1fr 1fr;gap:1rem;margin-top:1.6rem}
    .duo>div{background:rgba(255,255,255,.11);border:1px solid rgba(255,255,255,.16);
    border-radius:var(--round);padding:1rem 1.25rem}
    .duo b{display:block;font-size:2.35rem;font-weight:600;line-height:1.2;
    font-variant-numeric:tabular-nums;letter-spacing:-.01em}.duo b small{font-size:1rem;
    font-weight:500;margin-left:.3rem;opacity:.85;white-space:nowrap}
    .duo span{font-size:.9rem;color:#d6ece1}
    .duo.light>div{background:#fff;border-color:var(--line)}.duo.light span{color:var(--soft)}
    .duo.light b{color:var(--deep)}.duo.light b small{
    opacity:1}.duo.light>div.pts b{color:var(--amber)}
    .api-op code{overflow-wrap:anywhere;word-break:break-all;white-space:normal}
    .stats{display:grid;grid-template-columns:repeat(auto-fit,minmax(168px,1fr));gap:1rem;
    margin:0 0 1.25rem}.stat{background:var(--card);border:1px solid var(--line);
    border-radius:var(--round);padding:1rem 1.2rem;color:inherit;display:block}
    a.stat:hover{border-color:#9fc9b4;text-decoration:none;color:inherit}
    .stat b{display:block;font-size:1.5rem;overflow-wrap:normal;font-weight:600;line-height:1.3;
    font-variant-numeric:tabular-nums}.stat span{color:var(--soft);font-size:.88rem}
    .stat.hot b{color:var(--amber)}
    .card1{background:var(--card);border:1px solid var(--line);border-radius:var(--round);
    padding:1.35rem 1.5rem;margin-bottom:1.25rem}.card1>h2:first-child{margin-top:0}
    .card1>:last-child{margin-bottom:0}
    dl+h3,.formula+h3{margin-top:1.2rem}.duo+p{margin-top:.8rem}
    .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(290px,1fr));gap:1rem}
    .cards .card1{margin:0;display:flex;flex-direction:column;gap:.35rem;color:inherit}
    a.card1:hover{border-color:#9fc9b4;text-decoration:none;color:inherit;
    box-shadow:0 6px 20px rgba(13,92,64,.07)}.card1 .end{margin-top:auto;padding-top:.5rem}
    .steps{display:grid;grid-template-columns:repeat(4,1fr);gap:1rem;padding:0;margin:0;
    list-style:none;counter-reset:s}.steps li{background:#fff;border:1px solid var(--line);
    border-radius:var(--round);padding:1.15rem 1.25rem;counter-increment:s}
    .steps li::before{content:counter(s);display:inline-grid;place-items:center;width:1.8rem;
    height:1.8rem;border-radius:50%;background:var(--mint);color:var(--deep);font-weight:600;
    margin-bottom:.5rem}.steps p{margin:0;color:var(--soft);font-size:.92rem}
    .tag{display:inline-block;font-size:.8rem;line-height:1.5;padding:.08rem .6rem;
    border-radius:999px;background:var(--mist);color:var(--deep);white-space:nowrap}
    .tag.wait{background:var(--sky);color:var(--blue)}.tag.held{background:var(--sand);
    color:var(--amber)}.tag.bad{background:var(--rose);color:var(--red)}
    .tag.off{background:#eef1ef;color:var(--soft)}
    .tag.tmp{background:var(--sand);color:var(--amber);border:1px dashed #dcb871;
    white-space:normal}
    .src{color:var(--soft);font-size:.85rem}
    .list{list-style:none;margin:0;padding:0}.list>li{border-bottom:1px solid var(--line)}
    .list>li:last-child{border:0}
    .entry{display:grid;grid-template-columns:1fr auto;gap:.1rem 1rem;padding:.95rem 0;
    color:inherit}.entry:hover{text-decoration:none;color:inherit}.entry .soft{font-size:.88rem}
    .entry .gain{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    .entry .gain b{color:var(--deep);font-weight:600}.entry .gain i{font-style:normal;
    color:var(--amber);font-weight:600}.why{color:var(--deep);font-size:.88rem}
    .facts{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.55rem 1.5rem;
    margin:0}.facts dt{color:var(--soft);font-weight:400}.facts dd{margin:0}
    .formula{background:var(--mist);border-radius:10px;padding:.9rem 1.1rem;margin:.4rem 0 1rem;
    font-family:ui-monospace,Consolas,"Noto Sans Mono CJK SC",monospace;font-size:.95rem;
    overflow-x:auto;white-space:pre-wrap}
    .formula.sum{background:var(--night);color:#e9f6ef}
    h2 code,h3 code{white-space:nowrap;font-size:.82em}.facts+p{margin-top:1rem}
    .words{font-size:1.05rem;margin:.2rem 0 .5rem}
    .note1{border-left:4px solid var(--green);background:var(--mist);padding:.8rem 1.1rem;
    border-radius:0 10px 10px 0;margin:0 0 1.25rem}.note1.dev{border-color:#d79a2b;
    background:var(--sand)}.note1.bad{border-color:var(--red);background:var(--rose)}
    .note1 p:last-child{margin:0}
    .demo{margin:0 0 1rem;padding:.35rem .9rem;border-radius:8px;background:var(--sand);
    color:#7a5208;font-size:.85rem}
    .dev-code{font-size:1.9rem;font-weight:600;letter-spacing:.25em;
    font-variant-numeric:tabular-nums}
    .table1{width:100%;border-collapse:collapse;font-size:.94rem;margin:0}
    .table1 th{font-weight:500;color:var(--soft);text-align:left;background:var(--mist);
    padding:.6rem .8rem;white-space:nowrap;border-bottom:1px solid var(--line)}
    .table1 th.n{text-align:right}.table1 td{padding:.7rem .8rem;
    border-bottom:1px solid var(--line);vertical-align:top}.table1 tr:last-child td{border-bottom:0}
    .table1 tbody tr:hover{background:#fafcfb}.table1 .act{white-space:nowrap}
    .table1 .act a+a,.table1 .act form+a,.table1 .act a+form{margin-left:.8rem}
    .scroll{overflow-x:auto;border:1px solid var(--line);border-radius:var(--round);
    background:#fff;margin-bottom:1.25rem}
    .empty{text-align:center;color:var(--soft);padding:2.75rem 1rem}.empty p{margin:0 0 .8rem}
    .btn{--bs-btn-border-radius:10px;padding:.6rem 1.25rem;font-weight:500;min-height:44px}
    .btn:hover{text-decoration:none}.btn-primary{--bs-btn-bg:#0d7a53;--bs-btn-border-color:#0d7a53;
    --bs-btn-hover-bg:#0a5c40;--bs-btn-hover-border-color:#0a5c40;--bs-btn-active-bg:#094c35;
    --bs-btn-active-border-color:#094c35}
    .btn-light{--bs-btn-bg:#fff;--bs-btn-border-color:#d3dfd8;--bs-btn-color:#1b2b26;
    --bs-btn-hover-bg:#f0f7f3;--bs-btn-hover-border-color:#b9cfc4}
    .btn-sm{min-height:36px;padding:.3rem .85rem}
    .btn-danger{--bs-btn-bg:#b3261e;--bs-btn-border-color:#b3261e}
    .link-btn{border:0;background:none;
    padding:0;color:var(--green);font:inherit}.link-btn:hover{text-decoration:underline}
    .link-btn.bad{color:var(--red)}
    .form-control,.form-select{border-color:#cfdcd5;border-radius:10px;padding:.6rem .85rem;
    min-height:44px;color:var(--ink)}.form-control:focus,.form-select:focus{border-color:#4fa880;
    box-shadow:0 0 0 .2rem rgba(13,122,83,.14)}.form-label{font-weight:500;margin-bottom:.3rem}
    .form-check-input:checked{background-color:var(--green);border-color:var(--green)}
    .form-text{color:var(--soft)}.field{margin-bottom:1.1rem}legend.form-label{font-size:1rem}
    .bars{display:grid;gap:.85rem;margin:0;padding:0;list-style:none}.bars li{display:grid;
    grid-template-columns:1fr auto;gap:.1rem 1rem;font-size:.94rem}.bars .soft{font-size:.88rem;
    font-variant-numeric:tabular-nums}.bars svg{grid-column:1/-1;width:100%;height:10px;
    border-radius:5px;background:#edf4f0;display:block}.bars rect{fill:#2b966c}
    .days{width:100%;height:170px;display:block}.days rect{fill:#7cc3a3}.days rect:last-of-type{
    fill:var(--green)}.axis{display:flex;justify-content:space-between;font-size:.82rem;
    color:var(--soft);margin:.3rem 0 .8rem;font-variant-numeric:tabular-nums}
    .crumb{font-size:.88rem;color:var(--soft);margin-bottom:.6rem}.crumb a{color:var(--soft)}
    .pager{display:flex;justify-content:space-between;gap:1rem;align-items:center;margin-top:1rem;
    color:var(--soft);font-size:.9rem}
    .console{display:grid;grid-template-columns:228px minmax(0,1fr);min-height:100vh;
    background:#f4f7f5}.side{background:var(--night);color:#cfe3d9;padding:1.1rem .8rem;
    position:sticky;top:0;height:100vh;overflow-y:auto}.side .brand{color:#fff;padding:0 .5rem 1rem}
    .side h4{font-size:.78rem;font-weight:500;color:#9fc0b1;margin:1.1rem .75rem .35rem;
    letter-spacing:.06em}.side a.m{display:block;color:#d9ebe2;padding:.5rem .75rem;
    border-radius:8px;font-size:.95rem}.side a.m:hover{background:#124a38;text-decoration:none}
    .side a.m.on{background:#1a6a4f;color:#fff}.side .menu,.side input{display:none}
    .desk{min-width:0}.bar{background:#fff;border-bottom:1px solid var(--line);display:flex;
    gap:1rem;align-items:center;padding:.6rem 1.75rem;justify-content:flex-end;font-size:.92rem}
    .bar .where{margin-right:auto;display:flex;gap:.4rem;flex-wrap:wrap}.bar .where a{
    padding:.2rem .7rem;border-radius:999px;color:var(--soft)}.bar .where a.on{
    background:var(--mint);color:var(--deep);font-weight:600}
    .main{padding:1.5rem 1.75rem 3rem;max-width:1280px}.main h1{font-size:1.4rem}
    .query{display:flex;flex-wrap:wrap;gap:.8rem 1rem;align-items:end;background:#fff;
    border:1px solid var(--line);border-radius:var(--round);padding:1rem 1.25rem;
    margin-bottom:1.25rem}.query .form-label{font-size:.86rem;color:var(--soft);margin:0 0 .2rem}
    .tools{display:flex;gap:.75rem;align-items:center;margin:0 0 .8rem;flex-wrap:wrap}
    .tools .count{color:var(--soft);font-size:.92rem;margin-right:auto}
    .tabs1{display:flex;gap:.4rem;flex-wrap:wrap;margin:0 0 1rem}.tabs1 a{padding:.35rem .9rem;
    border-radius:999px;border:1px solid var(--line);background:#fff;color:var(--ink);
    font-size:.92rem}.tabs1 a.on{background:var(--mint);border-color:#a8d2be;color:var(--deep);
    font-weight:600}.tabs1 a:hover{text-decoration:none;border-color:#a8d2be}
    .diff{font-family:ui-monospace,Consolas,"Noto Sans Mono CJK SC",monospace;font-size:.83rem;
    line-height:1.55;margin:0;white-space:pre-wrap;padding:.8rem 0;overflow-x:auto}
    .diff span{display:block;padding:0 1rem}.diff .add{background:#e7f5ec}.diff .del{
    background:#fdeceb}.diff .gap{color:var(--faint);background:var(--mist)}
    .qr{width:220px;height:220px;background:#fff;border:1px solid var(--line);
    border-radius:12px;padding:8px}.key{font-size:1.05rem;background:var(--night);color:#e9f6ef;
    border-radius:10px;padding:1rem 1.2rem;margin:.5rem 0;user-select:all}
    .price{color:var(--amber)}.price.big{font-size:1.5rem;margin-right:.5rem}
    .voucher .qr{display:block;margin:0 auto .6rem}.voucher .code{text-align:center;
    font-size:1.25rem;font-weight:600;letter-spacing:.08em;
    font-family:ui-monospace,Consolas,monospace}
    .code-field{text-transform:uppercase;letter-spacing:.06em}.cards h2{font-size:1.1rem;margin:0}
    details>summary{cursor:pointer;color:var(--soft);padding:.8rem 0}
    form>.btn.wide+.btn{margin-top:.6rem}.card1>.facts+form{margin-top:1.2rem}
    .card1 form+form{margin-top:.9rem}form+.facts{margin-top:1.2rem}
    .split{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:1.25rem;
    align-items:start}
    .tabbar{display:none}.api-op{border-top:1px solid var(--line);padding:1.2rem 0}
    .verb{display:inline-block;min-width:4rem;text-align:center;background:var(--mint);
    color:var(--deep);border-radius:6px;font-weight:600;font-size:.82rem;padding:.1rem .5rem;
    margin-right:.6rem}.verb.post{background:var(--sand);color:var(--amber)}
    .pre{white-space:pre-wrap;overflow-wrap:anywhere}
    .long{overflow-wrap:anywhere}code.long{white-space:normal}
    pre.wraps{white-space:pre-wrap;overflow-wrap:anywhere}
    pre.code{background:var(--night);color:#e4f3ec;border-radius:10px;padding:1rem 1.2rem;
    overflow-x:auto;line-height:1.55;margin:.5rem 0 1rem}
    @media(max-width:900px){.steps{grid-template-columns:1fr 1fr}.split{grid-template-columns:1fr}
    .console{grid-template-columns:1fr}.side{position:static;height:auto;padding:.7rem 1rem}
    .side{display:flex;flex-wrap:wrap;align-items:center}.side .brand{padding:0 .3rem;flex:1}
    .side .menu{display:block;color:#d9ebe2;padding:.45rem .9rem;cursor:pointer;
    border:1px solid #2f6650;border-radius:8px}.side nav{display:none;width:100%}
    .side input:checked~nav{display:block}.main{padding:1.2rem 1rem 3rem}.bar{padding:.6rem 1rem}}
    @media(max-width:640px){body{padding-bottom:4.2rem}body.staff{padding-bottom:0}
    h1{font-size:1.45rem}.wrap{padding:1.15rem 1rem 2.5rem}.top .in{padding:.55rem 1rem;gap:.75rem}
    .nav1 a:not(.lang){display:none}.hero{padding:1.5rem 1.25rem;border-radius:16px}
    .hero h1{font-size:1.5rem}.duo{gap:.7rem}.duo>div{padding:.8rem .95rem}
    .duo b{font-size:1.45rem}.duo b small{font-size:.8rem;margin-left:.2rem}
    .steps{grid-template-columns:1fr}
    .stats{grid-template-columns:1fr 1fr;gap:.7rem}.stat{padding:.8rem 1rem}.stat b{
    font-size:1.3rem}.card1{padding:1.1rem 1.1rem}.facts{grid-template-columns:1fr;gap:.1rem}
    .facts dd{margin-bottom:.7rem}.brand small{display:none}.btn.wide{width:100%}
    .tabbar{display:grid;grid-auto-flow:column;grid-auto-columns:1fr;position:fixed;bottom:0;left:0;
    right:0;background:#fff;border-top:1px solid var(--line);z-index:6;
    padding-bottom:env(safe-area-inset-bottom)}.tabbar a{display:grid;justify-items:center;
    padding:.5rem 0 .45rem;font-size:.74rem;color:var(--soft);line-height:1.3}
    .tabbar a:hover{text-decoration:none}.tabbar a.on{color:var(--deep);font-weight:600}
    .tabbar svg{width:1.45rem;height:1.45rem}
    .fold thead{display:none}.fold tr{display:block;padding:.6rem 0;
    border-bottom:1px solid var(--line)}.fold td{display:flex;justify-content:space-between;
    gap:1rem;border:0;padding:.25rem .9rem;text-align:right!important;white-space:normal!important}
    .fold td::before{content:attr(data-l);color:var(--soft);text-align:left;flex:none}}
    @media print{.top,.tabbar,.foot,.side,.bar,.skip,.crumb,.query,.tools a,.pager,.btn,
    .link-btn,.exports{display:none!important}.wrap,.main{padding:0;max-width:none}body{padding:0;
    background:#fff}.console{display:block}.card1,.scroll,.stat{border-color:#999;
    break-inside:avoid}.scroll{overflow:visible;break-inside:auto}thead{display:table-header-group}
    tr{break-inside:avoid}}
    @media(prefers-reduced-motion:no-preference){a.card1,a.stat{transition:border-color .15s,
    box-shadow .15s}}
    @media(prefers-reduced-motion:reduce){*,::before,::after{transition:none!important;
    animation:none!important;scroll-behavior:auto!important}}
    .exports{margin:0 0 .8rem;text-align:right}.exports a{margin-left:.6rem;padding:.3rem 0;
    text-decoration:underline}.card1:empty{display:none}
    main li>a:not(.entry){text-decoration:underline}.bar{flex-wrap:wrap}
    .tools .exports{margin:0}.switches{margin-left:auto;display:flex;gap:.4rem;flex-wrap:wrap;
    justify-content:flex-end}
    .large{font-size:160%}.large .top .in{flex-wrap:wrap;gap:.5rem}.large .nav1{flex-wrap:wrap}
    .large .duo,.large .stats,.large .cards,.large .steps{grid-template-columns:1fr}
    .large .facts{grid-template-columns:1fr;gap:.1rem}.large .facts dd{margin-bottom:.7rem}
    .large .entry,.large .bars li{grid-template-columns:1fr}.large .entry .gain{text-align:left}
    .large .tag,.large .nowrap,.large th.n,.large td.n,.large .table1 th{white-space:normal}
    @media(min-width:901px){.large .console{grid-template-columns:300px minmax(0,1fr)}}
    .large .pager,.large .bar{flex-wrap:wrap}.large .tabbar a{font-size:.6rem}
    .large .fold td{display:block;text-align:left!important}.large .fold td::before{
    display:block}.large code,.large h2 code,.large h3 code{white-space:normal;
    overflow-wrap:anywhere;word-break:break-all}
    .large .qr{max-width:100%}.large .voucher .code{font-size:1.05rem;letter-spacing:.02em}
    """#
}
