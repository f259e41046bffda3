BEGIN TRANSACTION;
CREATE TABLE bullet_versions (
	playbook INTEGER NOT NULL, 
	bullet VARCHAR NOT NULL, 
	since INTEGER NOT NULL, 
	until INTEGER, 
	delta INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	section VARCHAR NOT NULL, 
	rank VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	pinned BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, 
	parents VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	PRIMARY KEY (playbook, bullet, since), 
	FOREIGN KEY(playbook) REFERENCES playbooks ("key"), 
	FOREIGN KEY(delta) REFERENCES deltas ("key")
);
INSERT INTO "bullet_versions" VALUES(1,'ref-86hwpu3mjp',1,2,1,0,'Refunds','10000001','active',0,1,'[]','ask first');
INSERT INTO "bullet_versions" VALUES(1,'ton-92rf6vt3l8',1,4,1,1,'Tone','10000002','active',0,1,'[]','be quick');
INSERT INTO "bullet_versions" VALUES(1,'ref-tdnsv9momk',1,3,1,2,'Refunds','10000003','active',0,1,'[]','look twice');
INSERT INTO "bullet_versions" VALUES(1,'ref-86hwpu3mjp',2,NULL,2,0,'Refunds','10000001','active',0,2,'[]','ask before a refund');
INSERT INTO "bullet_versions" VALUES(1,'ref-tdnsv9momk',3,NULL,4,0,'Refunds','10000003','retired',0,1,'[]','look twice');
INSERT INTO "bullet_versions" VALUES(1,'ton-92rf6vt3l8',4,NULL,5,0,'Tone','10000002','active',1,1,'[]','be quick');
INSERT INTO "bullet_versions" VALUES(2,'ref-86hwpu3mjp',1,2,7,0,'Refunds','10000001','active',0,1,'[]','ask first');
INSERT INTO "bullet_versions" VALUES(2,'ton-92rf6vt3l8',1,4,7,1,'Tone','10000002','active',0,1,'[]','be quick');
INSERT INTO "bullet_versions" VALUES(2,'ref-tdnsv9momk',1,3,7,2,'Refunds','10000003','active',0,1,'[]','look twice');
INSERT INTO "bullet_versions" VALUES(2,'ref-86hwpu3mjp',2,NULL,8,0,'Refunds','10000001','active',0,2,'[]','ask before a refund');
INSERT INTO "bullet_versions" VALUES(2,'ref-tdnsv9momk',3,NULL,10,0,'Refunds','10000003','retired',0,1,'[]','look twice');
INSERT INTO "bullet_versions" VALUES(2,'ton-92rf6vt3l8',4,NULL,11,0,'Tone','10000002','active',1,1,'[]','be quick');
INSERT INTO "bullet_versions" VALUES(2,'ton-oeker8ktsg',5,6,13,0,'Tone','10000004','active',0,1,'[]','thank them 😀');
INSERT INTO "bullet_versions" VALUES(2,'ton-cje4fvume7',5,6,13,1,'Tone','10000005','active',0,1,'[]','say why');
INSERT INTO "bullet_versions" VALUES(2,'ton-q0zh00yjl6',6,NULL,14,0,'Tone','10000004i','active',0,1,'["ton-oeker8ktsg","ton-cje4fvume7"]','thank them and say why');
INSERT INTO "bullet_versions" VALUES(2,'ton-oeker8ktsg',6,NULL,14,0,'Tone','10000004','retired',0,1,'[]','thank them 😀');
INSERT INTO "bullet_versions" VALUES(2,'ton-cje4fvume7',6,NULL,14,0,'Tone','10000005','retired',0,1,'[]','say why');
INSERT INTO "bullet_versions" VALUES(1,'ref-0balb5kewt',5,NULL,15,0,'Refunds','10000004','active',0,1,'[]','keep the receipt');
INSERT INTO "bullet_versions" VALUES(1,'ton-oeker8ktsg',6,NULL,16,1,'Tone','10000005','retired',0,1,'[]','thank them 😀');
INSERT INTO "bullet_versions" VALUES(1,'ton-q0zh00yjl6',6,NULL,16,2,'Tone','10000006','active',0,1,'["ton-oeker8ktsg","ton-cje4fvume7"]','thank them and say why');
INSERT INTO "bullet_versions" VALUES(1,'ton-cje4fvume7',6,NULL,16,4,'Tone','10000007','retired',0,1,'[]','say why');
CREATE TABLE bullets (
	"key" INTEGER NOT NULL, 
	playbook INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	section VARCHAR NOT NULL, 
	rank VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	pinned BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, 
	since INTEGER NOT NULL, 
	words INTEGER NOT NULL, 
	gist BIGINT NOT NULL, 
	parents VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	UNIQUE (playbook, id), 
	FOREIGN KEY(playbook) REFERENCES playbooks ("key")
);
INSERT INTO "bullets" VALUES(1,1,'ref-86hwpu3mjp','Refunds','10000001','active',0,2,2,4,9171173794933839487,'[]','ask before a refund');
INSERT INTO "bullets" VALUES(2,1,'ton-92rf6vt3l8','Tone','10000002','active',1,1,4,2,1503619364507455291,'[]','be quick');
INSERT INTO "bullets" VALUES(3,1,'ref-tdnsv9momk','Refunds','10000003','retired',0,1,3,2,3421674133222287081,'[]','look twice');
INSERT INTO "bullets" VALUES(4,2,'ref-86hwpu3mjp','Refunds','10000001','active',0,2,2,4,9171173794933839487,'[]','ask before a refund');
INSERT INTO "bullets" VALUES(5,2,'ton-92rf6vt3l8','Tone','10000002','active',1,1,4,2,1503619364507455291,'[]','be quick');
INSERT INTO "bullets" VALUES(6,2,'ref-tdnsv9momk','Refunds','10000003','retired',0,1,3,2,3421674133222287081,'[]','look twice');
INSERT INTO "bullets" VALUES(7,2,'ton-oeker8ktsg','Tone','10000004','retired',0,1,6,2,6135662484654466054,'[]','thank them 😀');
INSERT INTO "bullets" VALUES(8,2,'ton-cje4fvume7','Tone','10000005','retired',0,1,6,2,3282907653988323129,'[]','say why');
INSERT INTO "bullets" VALUES(9,2,'ton-q0zh00yjl6','Tone','10000004i','active',0,1,6,5,9182625682101883539,'["ton-oeker8ktsg","ton-cje4fvume7"]','thank them and say why');
INSERT INTO "bullets" VALUES(10,1,'ref-0balb5kewt','Refunds','10000004','active',0,1,5,3,3916677432952053060,'[]','keep the receipt');
INSERT INTO "bullets" VALUES(11,1,'ton-oeker8ktsg','Tone','10000005','retired',0,1,6,2,6135662484654466054,'[]','thank them 😀');
INSERT INTO "bullets" VALUES(12,1,'ton-q0zh00yjl6','Tone','10000006','active',0,1,6,5,9182625682101883539,'["ton-oeker8ktsg","ton-cje4fvume7"]','thank them and say why');
INSERT INTO "bullets" VALUES(13,1,'ton-cje4fvume7','Tone','10000007','retired',0,1,6,2,3282907653988323129,'[]','say why');
CREATE TABLE calls (
	"key" INTEGER NOT NULL, 
	run VARCHAR NOT NULL, 
	unit VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	ordinal INTEGER NOT NULL, 
	request VARCHAR NOT NULL, 
	started VARCHAR NOT NULL, 
	ended VARCHAR, 
	reply VARCHAR, 
	error VARCHAR, 
	form VARCHAR, 
	calls INTEGER, 
	prompt_tokens INTEGER, 
	cached_tokens INTEGER, 
	completion_tokens INTEGER, 
	cost_usd FLOAT, 
	seconds FLOAT, 
	estimated INTEGER, 
	PRIMARY KEY ("key"), 
	FOREIGN KEY(run) REFERENCES runs (id)
);
INSERT INTO "calls" VALUES(1,'r-7qv8jkla','learn/0/t-1','generator',0,'hash-1','2026-11-29T06:47:20.422872Z','2026-11-29T06:47:20.423076Z','"decline"',NULL,'clean',1,20,0,3,0.25,0.5,0);
INSERT INTO "calls" VALUES(2,'r-7qv8jkla','learn/0/t-1','reflector',0,'hash-2','2026-11-29T06:47:20.423061Z',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE citations (
	bullet INTEGER NOT NULL, 
	won BOOLEAN NOT NULL, 
	episode INTEGER NOT NULL, 
	PRIMARY KEY (bullet, won, episode), 
	FOREIGN KEY(bullet) REFERENCES bullets ("key"), 
	FOREIGN KEY(episode) REFERENCES episodes ("key")
)
 WITHOUT ROWID;
INSERT INTO "citations" VALUES(1,0,1);
INSERT INTO "citations" VALUES(4,0,1);
INSERT INTO "citations" VALUES(2,1,2);
INSERT INTO "citations" VALUES(5,1,2);
INSERT INTO "citations" VALUES(7,1,5);
INSERT INTO "citations" VALUES(11,1,5);
CREATE TABLE delta_episodes (
	delta INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	episode VARCHAR NOT NULL, 
	origin VARCHAR NOT NULL, 
	trust VARCHAR NOT NULL, 
	PRIMARY KEY (delta, position), 
	FOREIGN KEY(delta) REFERENCES deltas ("key")
)
 WITHOUT ROWID;
INSERT INTO "delta_episodes" VALUES(2,0,'e-support-1','','trusted');
INSERT INTO "delta_episodes" VALUES(2,1,'e-support-2','','trusted');
INSERT INTO "delta_episodes" VALUES(8,0,'e-support-1','','trusted');
INSERT INTO "delta_episodes" VALUES(8,1,'e-support-2','','trusted');
CREATE TABLE deltas (
	"key" INTEGER NOT NULL, 
	playbook INTEGER NOT NULL, 
	status VARCHAR NOT NULL, 
	author VARCHAR NOT NULL, 
	base VARCHAR NOT NULL, 
	run VARCHAR, 
	revision INTEGER, 
	at VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	seal VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	FOREIGN KEY(playbook) REFERENCES playbooks ("key")
);
INSERT INTO "deltas" VALUES(1,1,'accepted','curator','643d5437104296e21d906ecb15b2c96ad278f20cfc4af53b12bb6069bd853726','r-7qv8jkla',1,'2026-11-29T06:47:20.505738Z','["seen",""]','f6e9c9fb9530a5042d50080225b5efd9110a891232776e317a2381d10b7ea32d');
INSERT INTO "deltas" VALUES(2,1,'accepted','curator','8ac5ed860ad741aa01763c1d55965975e43266543b1c9ab4c939f3433717e9aa','r-7qv8jkla',2,'2026-11-29T06:47:20.728579Z','["",""]','2ef65cf1204f51c5206304f364a1510bd9d5b30259c3fcfe8360d1271e16cb98');
INSERT INTO "deltas" VALUES(3,1,'refused','curator','8a0d4005307b2ead4e5f2e9dce0af6e371cf886888c2fa57e8310f8a1748daf4',NULL,NULL,'2026-11-29T06:47:20.772962Z','["again","none of its operations could be applied"]','156295ee0404031541f2e33390e3933fbe499ff1a3d182975d159bf2c3d22ccb');
INSERT INTO "deltas" VALUES(4,1,'accepted','person','8a0d4005307b2ead4e5f2e9dce0af6e371cf886888c2fa57e8310f8a1748daf4',NULL,3,'2026-11-29T06:47:20.804825Z','["",""]','f9e4c4f02be76535df66cb19421746ad78b5533dfa127866f3452591f60a4584');
INSERT INTO "deltas" VALUES(5,1,'accepted','person','021be16307ca7d8859a330ff9094c879046fc4819f911a864f922b605a75de65',NULL,4,'2026-11-29T06:47:20.836544Z','["kept","","Zoë"]','1dd07dea8999e0f1320722727daebaa12d2ce96d50df0584a898cc61701a4d35');
INSERT INTO "deltas" VALUES(6,1,'quarantined','curator','d1bad596381fa4920161ee92116a45905d9b7402f3e7f9ed2e7097ee95649bd6',NULL,NULL,'2026-11-29T06:47:20.880962Z','["","a person is to look at it"]','11d2440b6ef054f1ecdb11ad93153db1552d6f2a3afd6f4b027c9b22eb2ab398');
INSERT INTO "deltas" VALUES(7,2,'accepted','curator','643d5437104296e21d906ecb15b2c96ad278f20cfc4af53b12bb6069bd853726','r-7qv8jkla',1,'2026-11-29T06:47:20.505738Z','["seen",""]','f6e9c9fb9530a5042d50080225b5efd9110a891232776e317a2381d10b7ea32d');
INSERT INTO "deltas" VALUES(8,2,'accepted','curator','8ac5ed860ad741aa01763c1d55965975e43266543b1c9ab4c939f3433717e9aa','r-7qv8jkla',2,'2026-11-29T06:47:20.728579Z','["",""]','2ef65cf1204f51c5206304f364a1510bd9d5b30259c3fcfe8360d1271e16cb98');
INSERT INTO "deltas" VALUES(9,2,'refused','curator','8a0d4005307b2ead4e5f2e9dce0af6e371cf886888c2fa57e8310f8a1748daf4',NULL,NULL,'2026-11-29T06:47:20.772962Z','["again","none of its operations could be applied"]','156295ee0404031541f2e33390e3933fbe499ff1a3d182975d159bf2c3d22ccb');
INSERT INTO "deltas" VALUES(10,2,'accepted','person','8a0d4005307b2ead4e5f2e9dce0af6e371cf886888c2fa57e8310f8a1748daf4',NULL,3,'2026-11-29T06:47:20.804825Z','["",""]','f9e4c4f02be76535df66cb19421746ad78b5533dfa127866f3452591f60a4584');
INSERT INTO "deltas" VALUES(11,2,'accepted','person','021be16307ca7d8859a330ff9094c879046fc4819f911a864f922b605a75de65',NULL,4,'2026-11-29T06:47:20.836544Z','["kept","","Zoë"]','1dd07dea8999e0f1320722727daebaa12d2ce96d50df0584a898cc61701a4d35');
INSERT INTO "deltas" VALUES(12,2,'quarantined','curator','d1bad596381fa4920161ee92116a45905d9b7402f3e7f9ed2e7097ee95649bd6',NULL,NULL,'2026-11-29T06:47:20.880962Z','["","a person is to look at it"]','11d2440b6ef054f1ecdb11ad93153db1552d6f2a3afd6f4b027c9b22eb2ab398');
INSERT INTO "deltas" VALUES(13,2,'accepted','curator','d1bad596381fa4920161ee92116a45905d9b7402f3e7f9ed2e7097ee95649bd6',NULL,5,'2026-11-29T06:47:20.909004Z','["",""]','2bcc185f7002f2810cd8eaa73cdeca1dff82ba20fc6cd0117408a73c2dc35e0b');
INSERT INTO "deltas" VALUES(14,2,'accepted','curator','4a646bf762e5e02523b589871f8528b29365a429660e1197a5bd61dbc0446e60',NULL,6,'2026-11-29T06:47:20.948531Z','["",""]','d6c7e849185852ed3d00aedd804670133fee2aebc96dbffa60d5db2850fa964d');
INSERT INTO "deltas" VALUES(15,1,'accepted','curator','d1bad596381fa4920161ee92116a45905d9b7402f3e7f9ed2e7097ee95649bd6',NULL,5,'2026-11-29T06:47:20.957425Z','["",""]','2e64a8ad69d54b259df447138b510f6e14d594b1c6f85a4bc2bf5c17a2956583');
INSERT INTO "deltas" VALUES(16,1,'accepted','person','3e24b22b70c00cf6f8da182666d31e72ec22e748969ff9485dc179df9a3b6a04',NULL,6,'2026-11-29T06:47:20.970715Z','["both are right",""]','3518420288e341c6ca4ac8d4e62138abccf7b1d3f214362d44c55e614e456c89');
CREATE TABLE episodes (
	"key" INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	run VARCHAR, 
	playbook INTEGER, 
	phase VARCHAR NOT NULL, 
	epoch INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	seed BIGINT NOT NULL, 
	task_key VARCHAR NOT NULL, 
	verdict VARCHAR NOT NULL, 
	score FLOAT, 
	seconds FLOAT NOT NULL, 
	prompt_hash VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	purged VARCHAR, 
	past VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	origin VARCHAR NOT NULL, 
	trust VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	UNIQUE (id), 
	FOREIGN KEY(playbook) REFERENCES playbooks ("key")
);
INSERT INTO "episodes" VALUES(1,'e-support-1',NULL,1,'learn',0,0,1,'697b0c61da64602a52ca2300d43ca79f','failure',NULL,0.0,'','b7730c7cbc4e840605d51875a80864cd1c7e2773e0e205855e048e5bbecec30e','2026-11-29T06:47:20.591598Z',NULL,'["situation 1","choice 1","wrong",["ref-86hwpu3mjp"]]','{"task":["t-support-1","Case 1: a customer of support wants money back.","train",{}],"first":["Case 1: a customer of support wants money back.",[],[]],"steps":[["answer 1",null,"",["ref-86hwpu3mjp"]]],"outcome":["failure",null,"wrong",""],"usage":[0,0,0,0,0.0,0.0]}','','','trusted');
INSERT INTO "episodes" VALUES(2,'e-support-2',NULL,1,'learn',0,0,2,'3d52cee6e83b21a85b8f00e509024d36','success',NULL,0.0,'','97a6cf2bca45a1d3706f6f8de3578e59dddbbe7d4b639d475703821bd8ab824e','2026-11-29T06:47:20.632974Z',NULL,'["Case 2: a customer of support wants money back.","answer 2","",["ton-92rf6vt3l8"]]','{"task":["t-support-2","Case 2: a customer of support wants money back.","train",{}],"first":["Case 2: a customer of support wants money back.",[],[]],"steps":[["answer 2",null,"",["ton-92rf6vt3l8"]]],"outcome":["success",null,"",""],"usage":[0,0,0,0,0.0,0.0]}','','','trusted');
INSERT INTO "episodes" VALUES(3,'e-support-3',NULL,1,'learn',0,0,3,'9ad9a5f4d697a9c21dda10476577c3d6','invalid',NULL,0.0,'','7969b1cd4cf9edb3bda908c9b3db556077f0f89c00afee7f7eb7b07166f477e2','2026-11-29T06:47:20.657735Z',NULL,'["Case 3: a customer of support wants money back.","answer 3","",[]]','{"task":["t-support-3","Case 3: a customer of support wants money back.","train",{}],"first":["Case 3: a customer of support wants money back.",[],[]],"steps":[["answer 3",null,"",[]]],"outcome":["invalid",null,"","a timeout"],"usage":[0,0,0,0,0.0,0.0]}','','','trusted');
INSERT INTO "episodes" VALUES(4,'e-support-4',NULL,NULL,'test',0,0,4,'988a8b3d6cf68c7a1d11df5a2042414e','success',NULL,0.0,'','bc892b50974dc858b4f536d3c3629ef0acd881141e9d4b6ba63af7054cc913e1','2026-11-29T06:47:20.696950Z',NULL,'["Case 4: a customer of support wants money back.","answer 4","",[]]','{"task":["t-support-4","Case 4: a customer of support wants money back.","train",{}],"first":["Case 4: a customer of support wants money back.",[],[]],"steps":[["answer 4",null,"",[]]],"outcome":["success",null,"",""],"usage":[0,0,0,0,0.0,0.0]}','','','trusted');
INSERT INTO "episodes" VALUES(5,'e-branch-1',NULL,2,'learn',0,0,1,'da338c9fb9a64555329c0b63fde8787d','success',NULL,0.0,'','259111c0071d84c430bdb32bd448fb0353f753839dc747e7348101693eec74a6','2026-11-29T06:47:20.933167Z',NULL,'["situation 1","choice 1","",["ton-oeker8ktsg"]]','{"task":["t-branch-1","Case 1: a customer of branch wants money back.","train",{}],"first":["Case 1: a customer of branch wants money back.",[],[]],"steps":[["answer 1",null,"",["ton-oeker8ktsg"]]],"outcome":["success",null,"",""],"usage":[0,0,0,0,0.0,0.0]}','','','trusted');
INSERT INTO "episodes" VALUES(6,'e-gone','r-7qv8jkla',1,'learn',0,1,7,'60921f45df4d2117e6ce72a9ca80a6a9','failure',NULL,0.2,'hash','23c8069ccb7ec5436bae255250d38e4a1fd8c746e79e957cbc8c40cf11d80a57','2026-11-29T06:47:21.036493Z','2026-11-29T06:47:21.052547Z','["","","",[]]','{"task":["60921f45df4d2117e6ce72a9ca80a6a9","","train",{"hash":"60921f45df4d2117e6ce72a9ca80a6a9"}],"first":["",[],[]],"steps":[],"outcome":["failure",null,"","purged 2026-11-29 06:47"],"usage":[2,30,4,5,0.5,0.1]}','','','trusted');
CREATE TABLE experiment_runs (
	experiment INTEGER NOT NULL, 
	arm VARCHAR NOT NULL, 
	seed VARCHAR NOT NULL, 
	run VARCHAR NOT NULL, 
	PRIMARY KEY (experiment, arm, seed), 
	FOREIGN KEY(experiment) REFERENCES experiments ("key"), 
	UNIQUE (run), 
	FOREIGN KEY(run) REFERENCES runs (id)
)
 WITHOUT ROWID;
INSERT INTO "experiment_runs" VALUES(1,'empty','3','r-7qv8jkla');
CREATE TABLE experiments (
	"key" INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	design VARCHAR NOT NULL, 
	result VARCHAR NOT NULL, 
	mark VARCHAR NOT NULL, 
	started VARCHAR NOT NULL, 
	owner VARCHAR, 
	leased_until VARCHAR, 
	PRIMARY KEY ("key"), 
	UNIQUE (id)
);
INSERT INTO "experiments" VALUES(1,'x-bfcc31b8','{"settings":{},"arms":[],"seeds":[3],"baseline":"empty"}','{}','','2026-11-29T06:47:21.244514Z',NULL,NULL);
CREATE TABLE exposures (
	episode INTEGER NOT NULL, 
	ordinal INTEGER NOT NULL, 
	bullet VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	shown BOOLEAN NOT NULL, 
	probability FLOAT NOT NULL, 
	policy VARCHAR NOT NULL, 
	cited BOOLEAN NOT NULL, 
	PRIMARY KEY (episode, ordinal), 
	FOREIGN KEY(episode) REFERENCES episodes ("key")
)
 WITHOUT ROWID;
INSERT INTO "exposures" VALUES(1,0,'ref-86hwpu3mjp',1,0,1,1.0,'all',0);
INSERT INTO "exposures" VALUES(1,1,'ton-92rf6vt3l8',1,1,1,1.0,'all',0);
INSERT INTO "exposures" VALUES(1,2,'ref-tdnsv9momk',1,2,0,0.5,'all',0);
INSERT INTO "exposures" VALUES(2,0,'ton-92rf6vt3l8',1,0,1,1.0,'all',0);
INSERT INTO "exposures" VALUES(3,0,'ref-86hwpu3mjp',1,0,1,1.0,'all',0);
INSERT INTO "exposures" VALUES(4,0,'ref-86hwpu3mjp',1,0,1,1.0,'all',0);
INSERT INTO "exposures" VALUES(5,0,'ton-oeker8ktsg',1,0,1,1.0,'all',0);
INSERT INTO "exposures" VALUES(5,1,'ton-cje4fvume7',1,1,1,1.0,'all',0);
CREATE TABLE inherited (
	playbook INTEGER NOT NULL, 
	source INTEGER NOT NULL, 
	episodes INTEGER NOT NULL, 
	reflections INTEGER NOT NULL, 
	PRIMARY KEY (playbook, source), 
	FOREIGN KEY(playbook) REFERENCES playbooks ("key"), 
	FOREIGN KEY(source) REFERENCES playbooks ("key")
)
 WITHOUT ROWID;
INSERT INTO "inherited" VALUES(1,2,5,2);
INSERT INTO "inherited" VALUES(2,1,4,1);
CREATE TABLE judgements (
	delta INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	gate VARCHAR NOT NULL, 
	passed BOOLEAN NOT NULL, 
	at VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (delta, position), 
	FOREIGN KEY(delta) REFERENCES deltas ("key")
)
 WITHOUT ROWID;
CREATE TABLE migrations (
	number INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "migrations" VALUES(5,'start','2026-11-29T06:47:20.233359Z');
CREATE TABLE operations (
	delta INTEGER NOT NULL, 
	stage VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	refused VARCHAR, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (delta, stage, position), 
	FOREIGN KEY(delta) REFERENCES deltas ("key")
)
 WITHOUT ROWID;
INSERT INTO "operations" VALUES(1,'delta',0,NULL,'{"op":"add","section":"Refunds","text":"ask first","new_id":"ref-86hwpu3mjp"}');
INSERT INTO "operations" VALUES(1,'delta',1,NULL,'{"op":"add","section":"Tone","text":"be quick","new_id":"ton-92rf6vt3l8"}');
INSERT INTO "operations" VALUES(1,'delta',2,NULL,'{"op":"add","section":"Refunds","text":"look twice","new_id":"ref-tdnsv9momk"}');
INSERT INTO "operations" VALUES(2,'delta',0,NULL,'{"op":"revise","id":"ref-86hwpu3mjp","text":"ask before a refund","reason":"it lost","episodes":["e-support-1"]}');
INSERT INTO "operations" VALUES(3,'delta',0,'"it says the same as ref-86hwpu3mjp"','{"op":"add","section":"Refunds","text":"ask before a refund","episodes":["e-support-2"]}');
INSERT INTO "operations" VALUES(3,'delta',1,'"there is no bullet b-none"','{"op":"retire","id":"b-none"}');
INSERT INTO "operations" VALUES(4,'delta',0,NULL,'{"op":"retire","id":"ref-tdnsv9momk","reason":"it helps nobody"}');
INSERT INTO "operations" VALUES(4,'guard',0,'"it contradicts ref-86hwpu3mjp"','[0,{"op":"add","section":"Refunds","text":"pay everybody"}]');
INSERT INTO "operations" VALUES(5,'delta',0,NULL,'{"op":"pin","id":"ton-92rf6vt3l8"}');
INSERT INTO "operations" VALUES(6,'delta',0,NULL,'{"op":"add","section":"Refunds","text":"wait a day"}');
INSERT INTO "operations" VALUES(7,'delta',0,NULL,'{"op":"add","section":"Refunds","text":"ask first","new_id":"ref-86hwpu3mjp"}');
INSERT INTO "operations" VALUES(7,'delta',1,NULL,'{"op":"add","section":"Tone","text":"be quick","new_id":"ton-92rf6vt3l8"}');
INSERT INTO "operations" VALUES(7,'delta',2,NULL,'{"op":"add","section":"Refunds","text":"look twice","new_id":"ref-tdnsv9momk"}');
INSERT INTO "operations" VALUES(8,'delta',0,NULL,'{"op":"revise","id":"ref-86hwpu3mjp","text":"ask before a refund","reason":"it lost","episodes":["e-support-1"]}');
INSERT INTO "operations" VALUES(9,'delta',0,'"it says the same as ref-86hwpu3mjp"','{"op":"add","section":"Refunds","text":"ask before a refund","episodes":["e-support-2"]}');
INSERT INTO "operations" VALUES(9,'delta',1,'"there is no bullet b-none"','{"op":"retire","id":"b-none"}');
INSERT INTO "operations" VALUES(10,'delta',0,NULL,'{"op":"retire","id":"ref-tdnsv9momk","reason":"it helps nobody"}');
INSERT INTO "operations" VALUES(10,'guard',0,'"it contradicts ref-86hwpu3mjp"','[0,{"op":"add","section":"Refunds","text":"pay everybody"}]');
INSERT INTO "operations" VALUES(11,'delta',0,NULL,'{"op":"pin","id":"ton-92rf6vt3l8"}');
INSERT INTO "operations" VALUES(12,'delta',0,NULL,'{"op":"add","section":"Refunds","text":"wait a day"}');
INSERT INTO "operations" VALUES(13,'delta',0,NULL,'{"op":"add","section":"Tone","text":"thank them   😀","new_id":"ton-oeker8ktsg"}');
INSERT INTO "operations" VALUES(13,'delta',1,NULL,'{"op":"add","section":"Tone","text":"say why","new_id":"ton-cje4fvume7"}');
INSERT INTO "operations" VALUES(14,'delta',0,NULL,'{"op":"merge","text":"thank them and say why","reason":"one lesson","new_id":"ton-q0zh00yjl6","sources":["ton-oeker8ktsg","ton-cje4fvume7"]}');
INSERT INTO "operations" VALUES(15,'delta',0,NULL,'{"op":"add","section":"Refunds","text":"keep the receipt","new_id":"ref-0balb5kewt"}');
INSERT INTO "operations" VALUES(16,'delta',0,NULL,'{"op":"add","section":"Tone","text":"thank them 😀","after":"ref-0balb5kewt","reason":"one lesson","new_id":"ton-oeker8ktsg"}');
INSERT INTO "operations" VALUES(16,'delta',1,NULL,'{"op":"retire","id":"ton-oeker8ktsg","reason":"one lesson"}');
INSERT INTO "operations" VALUES(16,'delta',2,NULL,'{"op":"add","section":"Tone","text":"thank them and say why","after":"ton-oeker8ktsg","reason":"one lesson","new_id":"ton-q0zh00yjl6","sources":["ton-oeker8ktsg","ton-cje4fvume7"]}');
INSERT INTO "operations" VALUES(16,'delta',3,NULL,'{"op":"add","section":"Tone","text":"say why","after":"ton-q0zh00yjl6","reason":"one lesson","new_id":"ton-cje4fvume7"}');
INSERT INTO "operations" VALUES(16,'delta',4,NULL,'{"op":"retire","id":"ton-cje4fvume7","reason":"one lesson"}');
CREATE TABLE playbooks (
	"key" INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	created VARCHAR NOT NULL, 
	head INTEGER NOT NULL, 
	origin INTEGER, 
	PRIMARY KEY ("key"), 
	UNIQUE (name)
);
INSERT INTO "playbooks" VALUES(1,'support','2026-11-29T06:47:20.452225Z',6,NULL);
INSERT INTO "playbooks" VALUES(2,'branch','2026-11-29T06:47:20.888287Z',6,5);
CREATE TABLE postings (
	term INTEGER NOT NULL, 
	bullet INTEGER NOT NULL, 
	PRIMARY KEY (term, bullet)
)
 WITHOUT ROWID;
INSERT INTO "postings" VALUES(1,1);
INSERT INTO "postings" VALUES(2,2);
INSERT INTO "postings" VALUES(5,2);
INSERT INTO "postings" VALUES(7,1);
INSERT INTO "postings" VALUES(8,1);
INSERT INTO "postings" VALUES(9,1);
INSERT INTO "postings" VALUES(10,4);
INSERT INTO "postings" VALUES(11,4);
INSERT INTO "postings" VALUES(12,5);
INSERT INTO "postings" VALUES(13,4);
INSERT INTO "postings" VALUES(14,5);
INSERT INTO "postings" VALUES(15,4);
INSERT INTO "postings" VALUES(16,9);
INSERT INTO "postings" VALUES(17,9);
INSERT INTO "postings" VALUES(18,9);
INSERT INTO "postings" VALUES(19,9);
INSERT INTO "postings" VALUES(20,9);
INSERT INTO "postings" VALUES(21,10);
INSERT INTO "postings" VALUES(22,10);
INSERT INTO "postings" VALUES(23,10);
INSERT INTO "postings" VALUES(24,12);
INSERT INTO "postings" VALUES(25,12);
INSERT INTO "postings" VALUES(26,12);
INSERT INTO "postings" VALUES(27,12);
INSERT INTO "postings" VALUES(28,12);
CREATE TABLE records (
	bullet INTEGER NOT NULL, 
	shown_won INTEGER NOT NULL, 
	shown_lost INTEGER NOT NULL, 
	cited_won INTEGER NOT NULL, 
	cited_lost INTEGER NOT NULL, 
	helpful INTEGER NOT NULL, 
	harmful INTEGER NOT NULL, 
	neutral INTEGER NOT NULL, 
	PRIMARY KEY (bullet), 
	FOREIGN KEY(bullet) REFERENCES bullets ("key")
);
INSERT INTO "records" VALUES(1,0,1,0,1,1,1,0);
INSERT INTO "records" VALUES(2,1,1,1,0,0,0,0);
INSERT INTO "records" VALUES(4,0,1,0,1,0,1,0);
INSERT INTO "records" VALUES(5,1,1,1,0,0,0,0);
INSERT INTO "records" VALUES(7,1,0,1,0,1,0,0);
INSERT INTO "records" VALUES(8,1,0,0,0,0,0,1);
INSERT INTO "records" VALUES(11,1,0,1,0,1,0,0);
INSERT INTO "records" VALUES(13,1,0,0,0,0,0,1);
CREATE TABLE reflections (
	"key" INTEGER NOT NULL, 
	episode INTEGER NOT NULL, 
	hash VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	UNIQUE (episode, hash), 
	FOREIGN KEY(episode) REFERENCES episodes ("key")
);
INSERT INTO "reflections" VALUES(1,1,'15a15aa5bcd6614270c23db3d068b3eeba53508a6101a59137c8cc1c1daefc92','2026-11-29T06:47:20.591598Z','{"situation":"situation 1","choice":"choice 1","diagnosis":"diagnosis 1","lesson":"","votes":[["ref-86hwpu3mjp","harmful"]],"usage":[0,0,0,0,0.0,0.0]}');
INSERT INTO "reflections" VALUES(2,5,'ed0146375989dc4317adabcbcf5d90fc79c1a9908e84b78d15742080f7343e41','2026-11-29T06:47:20.933167Z','{"situation":"situation 1","choice":"choice 1","diagnosis":"diagnosis 1","lesson":"","votes":[["ton-oeker8ktsg","helpful"],["ton-cje4fvume7","neutral"]],"usage":[0,0,0,0,0.0,0.0]}');
INSERT INTO "reflections" VALUES(3,6,'493b69ab602b92b950f06e175aa874c75cc916db5dace6ba03dd293be7223d79','2026-11-29T06:47:21.036493Z','{"situation":"","choice":"","diagnosis":"","lesson":"","votes":[["ref-86hwpu3mjp","helpful"]],"usage":[1,0,0,0,0.0,0.0]}');
CREATE TABLE render_revisions (
	episode INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	revision VARCHAR NOT NULL, 
	PRIMARY KEY (episode, position), 
	FOREIGN KEY(episode) REFERENCES episodes ("key")
)
 WITHOUT ROWID;
INSERT INTO "render_revisions" VALUES(1,0,'8ac5ed860ad741aa01763c1d55965975e43266543b1c9ab4c939f3433717e9aa');
INSERT INTO "render_revisions" VALUES(2,0,'8ac5ed860ad741aa01763c1d55965975e43266543b1c9ab4c939f3433717e9aa');
INSERT INTO "render_revisions" VALUES(3,0,'8ac5ed860ad741aa01763c1d55965975e43266543b1c9ab4c939f3433717e9aa');
INSERT INTO "render_revisions" VALUES(4,0,'8ac5ed860ad741aa01763c1d55965975e43266543b1c9ab4c939f3433717e9aa');
INSERT INTO "render_revisions" VALUES(5,0,'4a646bf762e5e02523b589871f8528b29365a429660e1197a5bd61dbc0446e60');
INSERT INTO "render_revisions" VALUES(6,0,'0000000000000000000000000000000000000000000000000000000000000000');
CREATE TABLE render_texts (
	hash VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (hash)
);
INSERT INTO "render_texts" VALUES('bed8b9c827a520d94909e45a45c4c032d643e0b9203d116e1ed8aa41eb0b485a','"ref-86hwpu3mjp ton-92rf6vt3l8"');
INSERT INTO "render_texts" VALUES('f074c3f42c497adb8e9be77feb33785f72caa13ef54f80bac08a409976528d52','"ton-92rf6vt3l8"');
INSERT INTO "render_texts" VALUES('b2ac9e5bab832236bb39a0e1c8ac15b8d0bd22191fb9abd4f4ab94468a2304a9','"ref-86hwpu3mjp"');
INSERT INTO "render_texts" VALUES('bc4011f5608a367b3a434e9e3aff4a571c83536f047f478c560416f8dc6c7766','"ton-oeker8ktsg ton-cje4fvume7"');
CREATE TABLE renders (
	episode INTEGER NOT NULL, 
	hash VARCHAR NOT NULL, 
	PRIMARY KEY (episode), 
	FOREIGN KEY(episode) REFERENCES episodes ("key")
);
INSERT INTO "renders" VALUES(1,'bed8b9c827a520d94909e45a45c4c032d643e0b9203d116e1ed8aa41eb0b485a');
INSERT INTO "renders" VALUES(2,'f074c3f42c497adb8e9be77feb33785f72caa13ef54f80bac08a409976528d52');
INSERT INTO "renders" VALUES(3,'b2ac9e5bab832236bb39a0e1c8ac15b8d0bd22191fb9abd4f4ab94468a2304a9');
INSERT INTO "renders" VALUES(4,'b2ac9e5bab832236bb39a0e1c8ac15b8d0bd22191fb9abd4f4ab94468a2304a9');
INSERT INTO "renders" VALUES(5,'bc4011f5608a367b3a434e9e3aff4a571c83536f047f478c560416f8dc6c7766');
INSERT INTO "renders" VALUES(6,'c9188b0ae2000538415f5b8077953be0659a979f2bb463c67d91231879b30be6');
CREATE TABLE repeats (
	playbook INTEGER NOT NULL, 
	bullet VARCHAR NOT NULL, 
	delta INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (playbook, bullet, delta, position), 
	FOREIGN KEY(playbook) REFERENCES playbooks ("key"), 
	FOREIGN KEY(delta) REFERENCES deltas ("key")
)
 WITHOUT ROWID;
INSERT INTO "repeats" VALUES(1,'ref-86hwpu3mjp',3,0);
INSERT INTO "repeats" VALUES(2,'ref-86hwpu3mjp',9,0);
CREATE TABLE revision_parents (
	revision INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	parent INTEGER NOT NULL, 
	PRIMARY KEY (revision, position), 
	FOREIGN KEY(revision) REFERENCES revisions ("key"), 
	FOREIGN KEY(parent) REFERENCES revisions ("key")
)
 WITHOUT ROWID;
INSERT INTO "revision_parents" VALUES(2,0,1);
INSERT INTO "revision_parents" VALUES(3,0,2);
INSERT INTO "revision_parents" VALUES(4,0,3);
INSERT INTO "revision_parents" VALUES(5,0,4);
INSERT INTO "revision_parents" VALUES(7,0,6);
INSERT INTO "revision_parents" VALUES(8,0,7);
INSERT INTO "revision_parents" VALUES(9,0,8);
INSERT INTO "revision_parents" VALUES(10,0,9);
INSERT INTO "revision_parents" VALUES(11,0,10);
INSERT INTO "revision_parents" VALUES(12,0,11);
INSERT INTO "revision_parents" VALUES(13,0,5);
INSERT INTO "revision_parents" VALUES(14,0,13);
INSERT INTO "revision_parents" VALUES(14,1,12);
CREATE TABLE revisions (
	"key" INTEGER NOT NULL, 
	playbook INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	hash VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	bullets INTEGER NOT NULL, 
	retired INTEGER NOT NULL, 
	chars INTEGER NOT NULL, 
	words INTEGER NOT NULL, 
	delta INTEGER, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	UNIQUE (playbook, number), 
	FOREIGN KEY(playbook) REFERENCES playbooks ("key"), 
	FOREIGN KEY(delta) REFERENCES deltas ("key")
);
INSERT INTO "revisions" VALUES(1,1,0,'643d5437104296e21d906ecb15b2c96ad278f20cfc4af53b12bb6069bd853726','0000000000000000000000000000000000000000000000000000000000000000',0,0,0,0,NULL,'2026-11-29T06:47:20.452225Z');
INSERT INTO "revisions" VALUES(2,1,1,'8ac5ed860ad741aa01763c1d55965975e43266543b1c9ab4c939f3433717e9aa','d03d3a4cefaa6124667c54772bcce2438859632b3c34e9fb68f196dc9ba4ef96',3,0,27,6,1,'2026-11-29T06:47:20.505738Z');
INSERT INTO "revisions" VALUES(3,1,2,'8a0d4005307b2ead4e5f2e9dce0af6e371cf886888c2fa57e8310f8a1748daf4','5cba3ffe2eebc8713fee32aeaa47785f183d2a219a324835e0be784611699507',3,0,37,8,2,'2026-11-29T06:47:20.728579Z');
INSERT INTO "revisions" VALUES(4,1,3,'021be16307ca7d8859a330ff9094c879046fc4819f911a864f922b605a75de65','96420071c4d832fd7e3e968617803973985e754afdd2e8c033772c889c81e60e',2,1,27,6,4,'2026-11-29T06:47:20.804825Z');
INSERT INTO "revisions" VALUES(5,1,4,'d1bad596381fa4920161ee92116a45905d9b7402f3e7f9ed2e7097ee95649bd6','6046a4976a1fb66829f4ae2fde63902611ad53880df5c3b1b7bf5689b8f5a4a8',2,1,27,6,5,'2026-11-29T06:47:20.836544Z');
INSERT INTO "revisions" VALUES(6,2,0,'643d5437104296e21d906ecb15b2c96ad278f20cfc4af53b12bb6069bd853726','0000000000000000000000000000000000000000000000000000000000000000',0,0,0,0,NULL,'2026-11-29T06:47:20.888287Z');
INSERT INTO "revisions" VALUES(7,2,1,'8ac5ed860ad741aa01763c1d55965975e43266543b1c9ab4c939f3433717e9aa','d03d3a4cefaa6124667c54772bcce2438859632b3c34e9fb68f196dc9ba4ef96',3,0,27,6,7,'2026-11-29T06:47:20.505738Z');
INSERT INTO "revisions" VALUES(8,2,2,'8a0d4005307b2ead4e5f2e9dce0af6e371cf886888c2fa57e8310f8a1748daf4','5cba3ffe2eebc8713fee32aeaa47785f183d2a219a324835e0be784611699507',3,0,37,8,8,'2026-11-29T06:47:20.728579Z');
INSERT INTO "revisions" VALUES(9,2,3,'021be16307ca7d8859a330ff9094c879046fc4819f911a864f922b605a75de65','96420071c4d832fd7e3e968617803973985e754afdd2e8c033772c889c81e60e',2,1,27,6,10,'2026-11-29T06:47:20.804825Z');
INSERT INTO "revisions" VALUES(10,2,4,'d1bad596381fa4920161ee92116a45905d9b7402f3e7f9ed2e7097ee95649bd6','6046a4976a1fb66829f4ae2fde63902611ad53880df5c3b1b7bf5689b8f5a4a8',2,1,27,6,11,'2026-11-29T06:47:20.836544Z');
INSERT INTO "revisions" VALUES(11,2,5,'4a646bf762e5e02523b589871f8528b29365a429660e1197a5bd61dbc0446e60','4a54bbb71cc7b170f421a4f358f0828093ab931709069afb7a5e87074a898d0d',4,1,46,10,13,'2026-11-29T06:47:20.909004Z');
INSERT INTO "revisions" VALUES(12,2,6,'059c8f9fa441708b38ddfacc28de8f63339c59e7795a729d4cb969fd5e7f1c3c','966de661c728758f147b8b4c90b0c329c2d42db4782e2133b00703aa22eba7ae',3,3,49,11,14,'2026-11-29T06:47:20.948531Z');
INSERT INTO "revisions" VALUES(13,1,5,'3e24b22b70c00cf6f8da182666d31e72ec22e748969ff9485dc179df9a3b6a04','9895d5c94d885899c817cb8a106645d204dea841898e30fdc29ebdefebeaa2c6',3,1,43,9,15,'2026-11-29T06:47:20.957425Z');
INSERT INTO "revisions" VALUES(14,1,6,'43e708d732b833cc63f606ece3f726318c7afb79a8aa0b7852f8ce5bae6aff2e','67f408d2c6e297d18301b854b301efb0581e44de937266c79b0a2448205ebc3e',4,3,65,14,16,'2026-11-29T06:47:20.970715Z');
CREATE TABLE runs (
	"key" INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	form VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	config VARCHAR NOT NULL, 
	result VARCHAR NOT NULL, 
	started VARCHAR NOT NULL, 
	ended VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	UNIQUE (id)
);
INSERT INTO "runs" VALUES(1,'r-7qv8jkla','r-7qv8jkla','stopped','{"playbook":"support","env":"desk","seed":3}','{"stopped":"out of budget"}','2026-11-29T06:47:20.310033Z','2026-11-29T06:47:21.268471Z');
CREATE TABLE terms (
	"key" INTEGER NOT NULL, 
	playbook INTEGER NOT NULL, 
	term VARCHAR NOT NULL, 
	df INTEGER NOT NULL, 
	PRIMARY KEY ("key"), 
	UNIQUE (playbook, term), 
	FOREIGN KEY(playbook) REFERENCES playbooks ("key")
);
INSERT INTO "terms" VALUES(1,1,'ask',1);
INSERT INTO "terms" VALUES(2,1,'be',1);
INSERT INTO "terms" VALUES(3,1,'first',0);
INSERT INTO "terms" VALUES(4,1,'look',0);
INSERT INTO "terms" VALUES(5,1,'quick',1);
INSERT INTO "terms" VALUES(6,1,'twice',0);
INSERT INTO "terms" VALUES(7,1,'a',1);
INSERT INTO "terms" VALUES(8,1,'before',1);
INSERT INTO "terms" VALUES(9,1,'refund',1);
INSERT INTO "terms" VALUES(10,2,'a',1);
INSERT INTO "terms" VALUES(11,2,'ask',1);
INSERT INTO "terms" VALUES(12,2,'be',1);
INSERT INTO "terms" VALUES(13,2,'before',1);
INSERT INTO "terms" VALUES(14,2,'quick',1);
INSERT INTO "terms" VALUES(15,2,'refund',1);
INSERT INTO "terms" VALUES(16,2,'say',1);
INSERT INTO "terms" VALUES(17,2,'thank',1);
INSERT INTO "terms" VALUES(18,2,'them',1);
INSERT INTO "terms" VALUES(19,2,'why',1);
INSERT INTO "terms" VALUES(20,2,'and',1);
INSERT INTO "terms" VALUES(21,1,'keep',1);
INSERT INTO "terms" VALUES(22,1,'receipt',1);
INSERT INTO "terms" VALUES(23,1,'the',1);
INSERT INTO "terms" VALUES(24,1,'and',1);
INSERT INTO "terms" VALUES(25,1,'say',1);
INSERT INTO "terms" VALUES(26,1,'thank',1);
INSERT INTO "terms" VALUES(27,1,'them',1);
INSERT INTO "terms" VALUES(28,1,'why',1);
CREATE TABLE units (
	run VARCHAR NOT NULL, 
	unit VARCHAR NOT NULL, 
	done VARCHAR, 
	phase VARCHAR, 
	epoch INTEGER, 
	task VARCHAR, 
	attempt INTEGER, 
	owner VARCHAR, 
	leased_until VARCHAR, 
	PRIMARY KEY (run, unit), 
	FOREIGN KEY(run) REFERENCES runs (id)
)
 WITHOUT ROWID;
INSERT INTO "units" VALUES('r-7qv8jkla','learn',NULL,NULL,NULL,NULL,NULL,'token@@20260101T000000Z:1:elsewhere','2026-11-29T06:48:21.171571Z');
INSERT INTO "units" VALUES('r-7qv8jkla','u','2026-11-29T06:47:21.037278Z',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE votes (
	reflection INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	bullet VARCHAR NOT NULL, 
	vote VARCHAR NOT NULL, 
	PRIMARY KEY (reflection, position), 
	FOREIGN KEY(reflection) REFERENCES reflections ("key")
)
 WITHOUT ROWID;
INSERT INTO "votes" VALUES(1,0,'ref-86hwpu3mjp','harmful');
INSERT INTO "votes" VALUES(2,0,'ton-oeker8ktsg','helpful');
INSERT INTO "votes" VALUES(2,1,'ton-cje4fvume7','neutral');
INSERT INTO "votes" VALUES(3,0,'ref-86hwpu3mjp','helpful');
CREATE INDEX runs_by_form ON runs (form);
CREATE INDEX bullets_by_gist ON bullets (playbook, gist);
CREATE INDEX bullets_by_rank ON bullets (playbook, rank);
CREATE INDEX bullets_by_section ON bullets (playbook, section, rank);
CREATE INDEX calls_by_place ON calls (run, unit, role, ordinal);
CREATE INDEX deltas_by_playbook ON deltas (playbook, revision);
CREATE INDEX deltas_by_run ON deltas (run);
CREATE INDEX episodes_by_origin ON episodes (origin) WHERE origin <> '';
CREATE INDEX episodes_by_playbook ON episodes (playbook, verdict, "key");
CREATE INDEX episodes_by_run ON episodes (run, phase, "key");
CREATE INDEX episodes_by_task ON episodes (playbook, task_key, "key");
CREATE INDEX bullet_versions_by_since ON bullet_versions (playbook, since);
CREATE INDEX bullet_versions_by_until ON bullet_versions (playbook, until) WHERE until IS NOT NULL;
CREATE INDEX citations_by_episode ON citations (episode, bullet);
CREATE INDEX delta_episodes_by_episode ON delta_episodes (episode);
CREATE INDEX delta_episodes_by_origin ON delta_episodes (origin) WHERE origin <> '';
CREATE INDEX delta_episodes_untrusted ON delta_episodes (delta) WHERE trust <> 'trusted';
CREATE INDEX exposures_by_bullet ON exposures (bullet, episode);
CREATE INDEX renders_by_hash ON renders (hash);
CREATE INDEX revisions_by_delta ON revisions (delta);
CREATE INDEX revisions_by_hash ON revisions (playbook, hash);
CREATE INDEX votes_by_bullet ON votes (bullet);
COMMIT;
